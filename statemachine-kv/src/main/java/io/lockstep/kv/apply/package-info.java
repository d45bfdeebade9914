/** How one entry changes the state. */
@NullMarked
package io.lockstep.kv.apply;

import org.jspecify.annotations.NullMarked;
