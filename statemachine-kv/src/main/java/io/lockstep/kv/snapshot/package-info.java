/** The whole state as chunks: canonical, versioned, streamed. */
@NullMarked
package io.lockstep.kv.snapshot;

import org.jspecify.annotations.NullMarked;
