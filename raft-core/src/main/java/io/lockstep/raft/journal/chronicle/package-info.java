/** Segments as Chronicle queues, with durability and integrity of our own. */
@NullMarked
package io.lockstep.raft.journal.chronicle;

import org.jspecify.annotations.NullMarked;
