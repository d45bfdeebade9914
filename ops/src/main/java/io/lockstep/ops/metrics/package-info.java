/** The nodes' figures as Prometheus metrics. */
@NullMarked
package io.lockstep.ops.metrics;

import org.jspecify.annotations.NullMarked;
