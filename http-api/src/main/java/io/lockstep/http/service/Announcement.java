package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.bytes.Bytes;
import java.util.concurrent.TimeUnit;

/**
 * Tells the cluster where clients reach this node, and which key it signs with, if the state says
 * otherwise: at the first start, and when its options or its key have changed. What comes late from
 * an earlier life is put right by the next turn. Runs on the service loop.
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

  /** Sends the words that are due: at most once a second. */
  void turn(RaftStatus status, KvView view, long nowNanos) {
    if (status.leader() == null
        || sent && nowNanos - sentAtNanos < PAUSE_NANOS
        || !status.membership().isMember(parts.self())) {
      return;
    }
    String url = ownUrl();
    if (isDue(view.members(), url)) {
      send(new Command.AnnounceAddress(parts.self(), url), nowNanos);
    }
    Bytes key = parts.publicKey().get();
    if (key != null && isDue(view.members(), key)) {
      send(new Command.PublishKey(parts.self(), key), nowNanos);
    }
  }

  private void send(Command command, long nowNanos) {
    sent = true;
    sentAtNanos = nowNanos;
    routing.submitAlways(
        new Request(principal, null, command), nowNanos + PAUSE_NANOS, answer -> {});
  }

  private boolean isDue(MemberTable members, String url) {
    NodeId self = parts.self();
    return !url.isEmpty() && members.mayHaveAddress(self) && !url.equals(members.address(self));
  }

  private boolean isDue(MemberTable members, Bytes key) {
    PublishedKey inUse = members.keys().inUse(parts.self());
    boolean known = inUse != null && inUse.bytes().equals(key);
    return !known && members.mayPublish(parts.self(), key);
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
