/** Immutable byte strings, and explicit binary encoding and decoding. */
@NullMarked
package io.lockstep.raft.bytes;

import org.jspecify.annotations.NullMarked;
