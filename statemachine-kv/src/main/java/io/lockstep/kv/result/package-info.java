/** What a command's proposer gets back, and its explicit binary encoding. */
@NullMarked
package io.lockstep.kv.result;

import org.jspecify.annotations.NullMarked;
