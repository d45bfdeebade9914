/**
 * Who a node is: its data directory's storage id, its cluster, and how a cluster comes to be at the
 * first start.
 */
@NullMarked
package io.lockstep.raft.identity;

import org.jspecify.annotations.NullMarked;
