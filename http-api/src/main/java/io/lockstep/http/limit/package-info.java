/** Bounds on what connections and requests may take. */
@NullMarked
package io.lockstep.http.limit;

import org.jspecify.annotations.NullMarked;
