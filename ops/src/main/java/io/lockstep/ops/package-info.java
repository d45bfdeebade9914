/** The process: configuration, wiring, life cycle, metrics and command line. */
@NullMarked
package io.lockstep.ops;

import org.jspecify.annotations.NullMarked;
