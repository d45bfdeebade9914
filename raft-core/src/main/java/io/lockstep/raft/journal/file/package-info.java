/** Data directories on a local file system: segments in plain files, hard state, identity. */
@NullMarked
package io.lockstep.raft.journal.file;

import org.jspecify.annotations.NullMarked;
