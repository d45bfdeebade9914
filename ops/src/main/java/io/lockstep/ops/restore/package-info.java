/** New clusters out of what is left of others. */
@NullMarked
package io.lockstep.ops.restore;

import org.jspecify.annotations.NullMarked;
