/** Grants that a resource verifies by itself: the keys of a node, and what it signs with them. */
@NullMarked
package io.lockstep.http.grant;

import org.jspecify.annotations.NullMarked;
