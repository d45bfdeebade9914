/** The contract between the log and the state that it drives. */
@NullMarked
package io.lockstep.raft.statemachine;

import org.jspecify.annotations.NullMarked;
