/** Sequences and fences: numbers that only rise. */
@NullMarked
package io.lockstep.kv.id;

import org.jspecify.annotations.NullMarked;
