/** The replicated key-value state machine: deterministic, without I/O, clocks or threads. */
@NullMarked
package io.lockstep.kv;

import org.jspecify.annotations.NullMarked;
