package io.lockstep.http.service;

import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests that other nodes send here because this node leads, or refuses them for certain.
 */
final class ForwardedProposals {
  private final CoordinatorParts parts;
  private final Admission admission;
  private final Routing routing;

  ForwardedProposals(CoordinatorParts parts, Admission admission, Routing routing) {
    this.parts = parts;
    this.admission = admission;
    this.routing = routing;
  }

  void accept(NodeId from, ServiceMessage.Forward message) {
    // What this node cannot read must not enter the log: a later version may lead and take it.
    if (!parts.raft().status().isLeader() || !RequestCodec.knows(message.payload())) {
      refuse(from, message, Refusal.NO_LEADER);
    } else if (admission.isShuttingDown() && message.lane() != Lane.SERVICE) {
      refuse(from, message, Refusal.SHUTTING_DOWN);
    } else if (!admission.enter(message.lane(), message.payload().length())) {
      refuse(from, message, Refusal.OVERLOADED);
    } else {
      routing.propose(
          new ForwardedProposal(from, message, apart(message), parts.transport(), admission));
    }
  }

  private static @Nullable Request apart(ServiceMessage.Forward message) {
    if (message.lane() != Lane.RENEW && message.lane() != Lane.IDS) {
      return null;
    }
    try {
      return Routing.apart(RequestCodec.decode(message.payload()));
    } catch (Malformed e) {
      // Apply gives the answer to such a request.
      return null;
    }
  }

  private void refuse(NodeId from, ServiceMessage.Forward message, Refusal refusal) {
    ServiceMessage answer =
        new ServiceMessage.Refused(message.startNumber(), message.id(), refusal);
    parts.transport().sendService(from, ServiceCodec.encode(answer));
  }
}
