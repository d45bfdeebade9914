/** A slow, obvious model of the state machine, written from the contract. */
package io.lockstep.kv.model;
