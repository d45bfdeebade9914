/** The protocol as a TLA+ model, checked exhaustively within small bounds. */
@NullMarked
package io.lockstep.raft.model;

import org.jspecify.annotations.NullMarked;
