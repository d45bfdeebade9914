/** The commands of the {@code lockstep} program. */
@NullMarked
package io.lockstep.ops.cli;

import org.jspecify.annotations.NullMarked;
