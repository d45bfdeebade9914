package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import java.util.concurrent.TimeUnit;

/**
 * Tells the cluster where clients reach this node, if the state says otherwise: at the first start,
 * and when its options have changed. What comes late from an earlier life is put right by the next
 * turn. Runs on the service loop.
 */
final class Announcement {
  private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final CoordinatorParts parts;
  private final Routing routing;
  private final String principal;
  private boolean sent;
  private long sentAtNanos;

  Announcement(CoordinatorParts parts, Routing routing, String principal) {
    this.parts = parts;
    this.routing = routing;
    this.principal = principal;
  }

  /** Sends the word if it is due: at most once a second. */
  void turn(RaftStatus status, KvView view, long nowNanos) {
    if (status.leader() == null || sent && nowNanos - sentAtNanos < PAUSE_NANOS) {
      return;
    }
    String url = ownUrl();
    if (isDue(view.members(), url) && status.membership().isMember(parts.self())) {
      sent = true;
      sentAtNanos = nowNanos;
      routing.submitAlways(
          new Request(principal, null, new Command.AnnounceAddress(parts.self(), url)),
          nowNanos + PAUSE_NANOS,
          answer -> {});
    }
  }

  private boolean isDue(MemberTable members, String url) {
    NodeId self = parts.self();
    return !url.isEmpty() && members.mayHaveAddress(self) && !url.equals(members.address(self));
  }

  private String ownUrl() {
    for (Contact contact : parts.contacts().get()) {
      if (contact.id().equals(parts.self())) {
        return contact.client();
      }
    }
    return "";
  }
}
