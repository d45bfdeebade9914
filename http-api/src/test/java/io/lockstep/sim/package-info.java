/**
 * The whole system in the simulator: the key-value state machine and the coordinator on every
 * simulated node, and clients that judge it by the contract.
 */
@NullMarked
package io.lockstep.sim;

import org.jspecify.annotations.NullMarked;
