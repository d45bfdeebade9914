/** Keys: a persistent ordered map and the key space built on it. */
@NullMarked
package io.lockstep.kv.store;

import org.jspecify.annotations.NullMarked;
