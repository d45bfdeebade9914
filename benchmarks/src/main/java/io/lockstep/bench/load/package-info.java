/** Load over HTTP, closed and open loop, with latencies in histograms. */
@NullMarked
package io.lockstep.bench.load;

import org.jspecify.annotations.NullMarked;
