package io.lockstep.http.service;

import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Request;

/** A call for ids that has come to the leader. */
record IdCall(Proposal proposal, Request request, TakeIds take, long sinceNanos) {}
