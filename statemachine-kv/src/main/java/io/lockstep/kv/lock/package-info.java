/** Exclusive locks with first-come queues and fencing tokens. */
@NullMarked
package io.lockstep.kv.lock;

import org.jspecify.annotations.NullMarked;
