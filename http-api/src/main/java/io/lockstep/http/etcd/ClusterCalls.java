package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.ChangeRefusal;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The calls about members. */
final class ClusterCalls {
  private static final String HTTP = "http://";

  /** What etcd takes for the address of a peer. */
  private static final Pattern PEER_URL =
      Pattern.compile("(https?|unixs?)://(\\[[0-9a-fA-F:.]+]|[^:/?#\\s\\[\\]]+):\\d+");

  private static final EtcdError MEMBER_NOT_FOUND =
      new EtcdError(EtcdError.NOT_FOUND, "etcdserver: member not found");
  private static final EtcdError URLS_INVALID =
      EtcdError.argument("etcdserver: given member URLs are invalid");
  private static final EtcdError URLS_KNOWN =
      new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: Peer URLs already exists");
  private static final EtcdError NOT_ENOUGH =
      new EtcdError(
          EtcdError.FAILED_PRECONDITION,
          "etcdserver: re-configuration failed due to not enough started members");

  private ClusterCalls() {}

  /** All members, as this node knows them. The header has no revision. */
  static void list(EtcdCall call) {
    JsonText json = call.begin(0);
    members(call, json, call.node().coordinator().status().membership());
    call.end(json, call.node().coordinator().view().revision());
  }

  private static void members(EtcdCall call, JsonText json, Membership membership) {
    json.name("members").beginArray();
    for (NodeId id : membership.members()) {
      json.begin();
      ProtoText.unsigned(json, "ID", call.node().memberId(id));
      json.field("name", id.text());
      Contact contact = contact(call, membership, id);
      if (contact != null) {
        url(json, "peerURLs", HTTP + contact.peer());
      }
      String said = call.node().coordinator().view().members().address(id);
      url(json, "clientURLs", said != null ? said : contact == null ? "" : contact.client());
      Learner learner = membership.learner(id);
      ProtoText.flag(json, "isLearner", learner != null);
      json.end();
    }
    json.endArray();
  }

  private static void url(JsonText json, String name, String url) {
    if (!url.isEmpty()) {
      json.name(name).beginArray().value(url).endArray();
    }
  }

  private static @Nullable Contact contact(EtcdCall call, Membership membership, NodeId id) {
    Contact told = membership.contact(id);
    List<Contact> known = call.node().directory().contacts();
    return told != null
        ? told
        : known.stream().filter(one -> one.id().equals(id)).findFirst().orElse(null);
  }

  /**
   * A member is more here than an address: it is taken in with its disk's identity, which nobody
   * knows before the node exists. So a new node adds itself.
   */
  static void add(EtcdCall call, ProtoJson message) {
    List<String> urls = message.texts("peerURLs");
    if (urls.isEmpty() || !urls.stream().allMatch(url -> PEER_URL.matcher(url).matches())) {
      throw new EtcdRefused(URLS_INVALID);
    }
    Membership membership = call.node().coordinator().status().membership();
    for (NodeId id : membership.members()) {
      Contact contact = contact(call, membership, id);
      if (contact != null && urls.contains(HTTP + contact.peer())) {
        throw new EtcdRefused(URLS_KNOWN);
      }
    }
    throw new EtcdRefused(
        new EtcdError(
            EtcdError.UNIMPLEMENTED, "etcdserver: a new node adds itself: start it with --join"));
  }

  static void update(EtcdCall call, ProtoJson message) {
    member(call, message);
    throw new EtcdRefused(
        new EtcdError(EtcdError.UNIMPLEMENTED, "etcdserver: a member's address does not change"));
  }

  static void remove(EtcdCall call, ProtoJson message) {
    change(call, new MembershipChange.Remove(member(call, message)));
  }

  static void promote(EtcdCall call, ProtoJson message) {
    NodeId id = member(call, message);
    if (call.node().coordinator().status().membership().learner(id) == null) {
      throw new EtcdRefused(
          new EtcdError(
              EtcdError.FAILED_PRECONDITION, "etcdserver: can only promote a learner member"));
    }
    change(call, new MembershipChange.Promote(id));
  }

  private static NodeId member(EtcdCall call, ProtoJson message) {
    NodeId id = call.node().member(message.number("ID"));
    if (id == null) {
      throw new EtcdRefused(MEMBER_NOT_FOUND);
    }
    return id;
  }

  private static void change(EtcdCall call, MembershipChange change) {
    Coordinator coordinator = call.node().coordinator();
    coordinator.changeMembership(
        change,
        call.exchange().deadlineNanos(0),
        outcome -> call.onLoop(() -> finish(call, outcome)));
  }

  private static void finish(EtcdCall call, ChangeOutcome outcome) {
    switch (outcome) {
      case ChangeOutcome.Done done -> {
        JsonText json = call.begin(0);
        members(call, json, done.membership());
        call.end(json, call.node().coordinator().view().revision());
      }
      case ChangeOutcome.Refused(ChangeRefusal reason) -> call.refuse(of(reason));
      case ChangeOutcome.NotLeader _ -> call.refuse(EtcdError.of(Refusal.NO_LEADER));
      case ChangeOutcome.Overloaded _ -> call.refuse(EtcdError.TOO_MANY_REQUESTS);
      case ChangeOutcome.Unknown _ -> call.refuse(EtcdError.TIMED_OUT);
    }
  }

  private static EtcdError of(ChangeRefusal reason) {
    return switch (reason) {
      case ChangeRefusal.InFlight _ -> EtcdError.TOO_MANY_REQUESTS;
      case ChangeRefusal.LeaderTooNew _ -> EtcdError.of(Refusal.NO_LEADER);
      case ChangeRefusal.QuorumLost _ -> NOT_ENOUGH;
      case ChangeRefusal.LastVoter _ -> NOT_ENOUGH;
      case ChangeRefusal.UnknownMember _ -> MEMBER_NOT_FOUND;
      case ChangeRefusal.AlreadyMember _ ->
          new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: member ID already exist");
      case ChangeRefusal.NotCaughtUp _ ->
          new EtcdError(
              EtcdError.FAILED_PRECONDITION,
              "etcdserver: can only promote a learner member which is in sync with leader");
      case ChangeRefusal.TooManyVoters _ -> NOT_ENOUGH;
      case ChangeRefusal.TooManyLearners _ ->
          new EtcdError(
              EtcdError.FAILED_PRECONDITION, "etcdserver: too many learner members in cluster");
    };
  }
}
