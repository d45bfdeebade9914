/**
 * The service without HTTP: submitting commands, confirming reads, forwarding to the leader,
 * waiting for locks.
 */
@NullMarked
package io.lockstep.http.service;

import org.jspecify.annotations.NullMarked;
