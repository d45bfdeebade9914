/** Transactions: conditions, and what is done when they hold or do not. */
@NullMarked
package io.lockstep.kv.txn;

import org.jspecify.annotations.NullMarked;
