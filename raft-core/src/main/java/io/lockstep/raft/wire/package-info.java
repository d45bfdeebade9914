/**
 * The binary encodings of messages and entries. {@code docs/wire-format.md} is their reference, to
 * the byte.
 */
@NullMarked
package io.lockstep.raft.wire;

import org.jspecify.annotations.NullMarked;
