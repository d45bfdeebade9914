/** Who takes part, as far as it is part of the state. */
@NullMarked
package io.lockstep.kv.member;

import org.jspecify.annotations.NullMarked;
