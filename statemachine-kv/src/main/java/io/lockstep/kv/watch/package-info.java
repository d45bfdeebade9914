/** The log of events, and cursors over it. */
@NullMarked
package io.lockstep.kv.watch;

import org.jspecify.annotations.NullMarked;
