/** What a new cluster makes of the state of another: a new epoch, above all its numbers. */
@NullMarked
package io.lockstep.kv.epoch;

import org.jspecify.annotations.NullMarked;
