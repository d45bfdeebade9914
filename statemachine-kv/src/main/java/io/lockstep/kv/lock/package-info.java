/** Locks and elections: first-come queues, shared and exclusive grants, fencing tokens. */
@NullMarked
package io.lockstep.kv.lock;

import org.jspecify.annotations.NullMarked;
