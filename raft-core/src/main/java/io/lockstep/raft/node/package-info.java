/**
 * The driver: one loop that owns the core, one log writer, one applier, and the seams to time and
 * threads.
 */
@NullMarked
package io.lockstep.raft.node;

import org.jspecify.annotations.NullMarked;
