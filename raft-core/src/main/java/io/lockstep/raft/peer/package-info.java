/**
 * The links to the other members over TCP: framed, checksummed, and opened only between directories
 * of one cluster. {@code docs/wire-format.md} is the reference of what goes over them.
 */
@NullMarked
package io.lockstep.raft.peer;

import org.jspecify.annotations.NullMarked;
