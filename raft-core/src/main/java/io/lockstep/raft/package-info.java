/** The Raft protocol as a function from inputs to effects. */
@NullMarked
package io.lockstep.raft;

import org.jspecify.annotations.NullMarked;
