/**
 * The durable log: records, segments, and what a start makes of them. All of it runs on one thread,
 * against the {@link io.lockstep.raft.journal.SegmentStore} seam, and so runs unchanged on a
 * simulated disk.
 */
@NullMarked
package io.lockstep.raft.journal;

import org.jspecify.annotations.NullMarked;
