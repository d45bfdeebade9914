/** What a leader knows of a follower's log, and how much it has sent without an answer. */
@NullMarked
package io.lockstep.raft.progress;

import org.jspecify.annotations.NullMarked;
