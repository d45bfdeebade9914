/** The arithmetic of majorities: pure functions. */
@NullMarked
package io.lockstep.raft.quorum;

import org.jspecify.annotations.NullMarked;
