/**
 * Checkers of recorded behaviour: each says whether what clients saw is what the contract allows.
 */
@NullMarked
package io.lockstep.raft.sim.check;

import org.jspecify.annotations.NullMarked;
