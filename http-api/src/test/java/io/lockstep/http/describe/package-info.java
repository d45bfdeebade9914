/** The description held against the service that it describes. */
@NullMarked
package io.lockstep.http.describe;

import org.jspecify.annotations.NullMarked;
