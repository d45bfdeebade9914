/** Stored answers for idempotency keys. */
@NullMarked
package io.lockstep.kv.request;

import org.jspecify.annotations.NullMarked;
