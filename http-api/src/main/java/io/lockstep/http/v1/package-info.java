/** The resources of the native API, one class a noun. */
@NullMarked
package io.lockstep.http.v1;

import org.jspecify.annotations.NullMarked;
