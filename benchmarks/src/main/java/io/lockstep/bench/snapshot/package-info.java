/** How long a snapshot of a large state takes, and how many bytes. */
@NullMarked
package io.lockstep.bench.snapshot;

import org.jspecify.annotations.NullMarked;
