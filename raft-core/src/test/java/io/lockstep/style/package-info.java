/** The rules that hold for every module, checked by a tiny test in each. */
@NullMarked
package io.lockstep.style;

import org.jspecify.annotations.NullMarked;
