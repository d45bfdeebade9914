/** What can be asked of the state machine, and its explicit binary encoding. */
@NullMarked
package io.lockstep.kv.command;

import org.jspecify.annotations.NullMarked;
