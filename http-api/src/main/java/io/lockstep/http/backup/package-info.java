/** The whole state, streamed out of a node to whoever keeps it. */
@NullMarked
package io.lockstep.http.backup;

import org.jspecify.annotations.NullMarked;
