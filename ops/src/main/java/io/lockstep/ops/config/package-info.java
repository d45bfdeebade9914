/** What a node is told: command line, environment, file. */
@NullMarked
package io.lockstep.ops.config;

import org.jspecify.annotations.NullMarked;
