/** Cores with a disk, a state machine and a network in memory, driven by hand, script or chance. */
@NullMarked
package io.lockstep.raft.script;

import org.jspecify.annotations.NullMarked;
