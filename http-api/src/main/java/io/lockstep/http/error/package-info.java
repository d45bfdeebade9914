/** What went wrong, as RFC 9457 problem documents. */
@NullMarked
package io.lockstep.http.error;

import org.jspecify.annotations.NullMarked;
