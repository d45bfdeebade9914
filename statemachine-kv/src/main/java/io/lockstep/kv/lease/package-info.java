/** Leases on cluster time. */
@NullMarked
package io.lockstep.kv.lease;

import org.jspecify.annotations.NullMarked;
