/** The description of the interface: OpenAPI, and pages that show it. */
@NullMarked
package io.lockstep.http.describe;

import org.jspecify.annotations.NullMarked;
