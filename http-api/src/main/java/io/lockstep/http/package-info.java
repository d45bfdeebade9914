/** The HTTP/JSON interface of a node. */
@NullMarked
package io.lockstep.http;

import org.jspecify.annotations.NullMarked;
