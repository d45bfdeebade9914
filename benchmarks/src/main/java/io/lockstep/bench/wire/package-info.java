/** HTTP/1.1 connections that cost a load client as little as can be. */
@NullMarked
package io.lockstep.bench.wire;

import org.jspecify.annotations.NullMarked;
