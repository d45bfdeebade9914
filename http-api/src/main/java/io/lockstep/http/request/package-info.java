/**
 * What a request says: target, parameters, durations, conditions, bodies, each parsed strictly and
 * once.
 */
@NullMarked
package io.lockstep.http.request;

import org.jspecify.annotations.NullMarked;
