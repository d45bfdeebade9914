/** How an answer is written: JSON text and headers. */
@NullMarked
package io.lockstep.http.response;

import org.jspecify.annotations.NullMarked;
