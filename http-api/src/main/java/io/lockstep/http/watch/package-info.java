/** Watch streams: cursors that follow the state, in frames for SSE and NDJSON. */
@NullMarked
package io.lockstep.http.watch;

import org.jspecify.annotations.NullMarked;
