/** The contract of the links between members. */
@NullMarked
package io.lockstep.raft.transport;

import org.jspecify.annotations.NullMarked;
