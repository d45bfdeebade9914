/**
 * The simulator: a whole cluster in one thread under seeded time, network, disk and process faults.
 * The code under test is the real one, from the core to the journal; only time, threads, wires and
 * bytes on disk are made up. The same seed gives the same run.
 */
@NullMarked
package io.lockstep.raft.sim;

import org.jspecify.annotations.NullMarked;
