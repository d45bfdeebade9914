package io.lockstep.http.service;

import io.lockstep.kv.command.Request;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.node.Timing;
import io.lockstep.raft.transport.Transport;
import org.jspecify.annotations.Nullable;

/**
 * A request that another node sent here because this one leads. Its fate goes back once; an answer
 * that cannot be sent is lost, and the other node tells its client that the fate is unknown.
 */
final class ForwardedProposal extends Proposal {
  private final NodeId from;
  private final ServiceMessage.Forward message;
  private final Transport transport;
  private final Admission admission;

  ForwardedProposal(
      NodeId from,
      ServiceMessage.Forward message,
      @Nullable Request apart,
      Transport transport,
      Admission admission) {
    super(message.payload(), message.lane(), apart);
    this.from = from;
    this.message = message;
    this.transport = transport;
    this.admission = admission;
  }

  @Override
  boolean begin() {
    return true;
  }

  @Override
  public void applied(long index, Applied result, Timing timing) {
    reply(new ServiceMessage.Answered(message.startNumber(), message.id(), result, timing));
  }

  @Override
  void refused(Refusal refusal) {
    reply(new ServiceMessage.Refused(message.startNumber(), message.id(), refusal));
  }

  @Override
  void notLeader() {
    refused(Refusal.NO_LEADER);
  }

  @Override
  void unknown() {
    reply(new ServiceMessage.FateUnknown(message.startNumber(), message.id()));
  }

  private void reply(ServiceMessage answer) {
    admission.leave(payload.length());
    transport.sendService(from, ServiceCodec.encode(answer));
  }
}
