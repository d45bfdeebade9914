/** The durability contracts: what has been forced, and what a failure means. */
@NullMarked
package io.lockstep.raft.storage;

import org.jspecify.annotations.NullMarked;
