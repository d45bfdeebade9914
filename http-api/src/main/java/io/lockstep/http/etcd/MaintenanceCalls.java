package io.lockstep.http.etcd;

import io.lockstep.http.response.JsonText;
import io.lockstep.http.service.Coordinator;
import io.lockstep.kv.KvView;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The calls for those who look after a cluster. */
final class MaintenanceCalls {
  private static final long HASH_MASK = 0xffff_ffffL;

  private MaintenanceCalls() {}

  /** How this node does, whether there is a leader or not. */
  static void status(EtcdCall call) {
    Coordinator coordinator = call.node().coordinator();
    RaftStatus status = coordinator.status();
    KvView view = coordinator.view();
    JsonText json = call.begin(view.revision()).field("version", EtcdResource.ETCD_VERSION);
    ProtoText.number(json, "dbSize", view.usedBytes());
    NodeId leader = status.leader();
    ProtoText.unsigned(json, "leader", leader == null ? 0 : call.node().memberId(leader));
    ProtoText.number(json, "raftIndex", status.commitIndex());
    ProtoText.number(json, "raftTerm", status.term());
    ProtoText.number(json, "raftAppliedIndex", view.appliedIndex());
    ProtoText.number(json, "dbSizeInUse", view.usedBytes());
    boolean learner = status.membership().learner(coordinator.self()) != null;
    ProtoText.flag(json, "isLearner", learner);
    call.end(json, view.revision());
  }

  /** Nothing is raised by hand here: a node that has no room says so by itself. */
  static void alarm(EtcdCall call) {
    Coordinator coordinator = call.node().coordinator();
    long revision = coordinator.view().revision();
    JsonText json = call.begin(revision);
    if (!coordinator.hasRoom()) {
      json.name("alarms").beginArray().begin();
      ProtoText.unsigned(json, "memberID", call.node().memberId(coordinator.self()));
      json.field("alarm", "NOSPACE").end().endArray();
    }
    call.end(json, revision);
  }

  /**
   * What reads an etcd's snapshot expects a bbolt file, and what restores one an etcd: a stream of
   * something else would only look like a backup.
   */
  static EtcdRefused noSnapshot() {
    return new EtcdRefused(
        new EtcdError(
            EtcdError.UNIMPLEMENTED,
            "etcdserver: there is no bbolt file to be had here: Lockstep keeps its own snapshots"));
  }

  static void hash(EtcdCall call) {
    hash(call, (json, view) -> {});
  }

  static void hashKv(EtcdCall call) {
    hash(
        call,
        (json, view) -> ProtoText.number(json, "compact_revision", view.compactedRevision() + 1));
  }

  /** The hash may cost a walk over the whole state, so not on the loop. */
  private static void hash(EtcdCall call, BiConsumer<JsonText, KvView> more) {
    KvView view = call.node().coordinator().view();
    call.exchange()
        .loop()
        .context()
        .executeBlocking(view::stateHash, false)
        .onComplete(
            hash ->
                call.exchange()
                    .run(
                        () -> {
                          if (hash.failed()) {
                            call.refuse(
                                new EtcdError(
                                    EtcdError.INTERNAL, "etcdserver: the state was not hashed"));
                            return;
                          }
                          JsonText json = call.begin(view.revision());
                          json.field("hash", hash.result() & HASH_MASK);
                          more.accept(json, view);
                          call.end(json, view.revision());
                        }));
  }

  static void transfer(EtcdCall call, ProtoJson message) {
    Coordinator coordinator = call.node().coordinator();
    NodeId to = call.node().member(message.number("targetID"));
    if (to == null || !coordinator.status().membership().isVoter(to)) {
      throw new EtcdRefused(
          new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: bad leader transferee"));
    }
    coordinator.transferLeadership(
        to,
        call.exchange().deadlineNanos(0),
        leader -> call.onLoop(() -> transferred(call, leader)));
  }

  private static void transferred(EtcdCall call, @Nullable NodeId leader) {
    if (leader == null) {
      call.refuse(EtcdError.TIMED_OUT);
    } else {
      call.done(call.node().coordinator().view().revision());
    }
  }
}
