/** Latches, which open when all have come, and what is to be done once a period. */
@NullMarked
package io.lockstep.kv.gate;

import org.jspecify.annotations.NullMarked;
