/** One request and its answer, one connection, one event loop: what the resources build on. */
@NullMarked
package io.lockstep.http.server;

import org.jspecify.annotations.NullMarked;
