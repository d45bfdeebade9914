package io.lockstep.http.etcd;

import io.lockstep.http.backup.BackupForm;
import io.lockstep.http.backup.Backups;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.v1.Reads;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeySpace;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.bytes.Bytes;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The calls for those who look after a cluster. */
final class MaintenanceCalls {
  private static final long HASH_MASK = 0xffff_ffffL;
  private static final String NONE = "NONE";
  private static final String NO_SPACE = "NOSPACE";
  private static final String CORRUPT = "CORRUPT";
  private static final List<String> ALARMS = List.of(NONE, NO_SPACE, CORRUPT);
  private static final List<String> ACTIONS = List.of("GET", "ACTIVATE", "DEACTIVATE");

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

  /**
   * What stands in this node's way. An alarm comes and goes with its cause: none is raised by hand,
   * and none silenced. The answer has no header, as etcd's has none.
   */
  static void alarm(EtcdCall call, ProtoJson message) {
    String asked = ALARMS.get(message.oneOf("alarm", ALARMS));
    String action = ACTIONS.get(message.oneOf("action", ACTIONS));
    if (action.equals("ACTIVATE")) {
      throw new EtcdRefused(
          new EtcdError(EtcdError.UNIMPLEMENTED, "etcdserver: alarms are not raised by hand"));
    }
    Coordinator coordinator = call.node().coordinator();
    SortedSet<String> raised = new TreeSet<>();
    if (!coordinator.hasRoom()) {
      raised.add(NO_SPACE);
    }
    if (!coordinator.serves()) {
      raised.add(CORRUPT);
    }
    raised.removeIf(alarm -> !asked.equals(NONE) && !asked.equals(alarm));
    JsonText json = call.exchange().json().begin();
    if (action.equals("GET") && !raised.isEmpty()) {
      json.name("alarms").beginArray();
      for (String alarm : raised) {
        json.begin();
        ProtoText.unsigned(json, "memberID", call.node().memberId(coordinator.self()));
        json.field("alarm", alarm).end();
      }
      json.endArray();
    }
    call.end(json, coordinator.view().revision());
  }

  /** There is nothing to do: what is forgotten is given back without being asked. */
  static void defragment(EtcdCall call) {
    call.end(call.exchange().json().begin(), call.node().coordinator().view().revision());
  }

  /**
   * All state in etcd's framing, one object a chunk. The bytes are a backup of this service's:
   * {@code lockstep restore} takes them, what expects a bbolt file does not.
   */
  static void snapshot(EtcdCall call, Backups backups, Reads reads) {
    backups.serve(call.exchange(), reads, revision -> new InFrames(call, revision));
  }

  private record InFrames(EtcdCall call, long revision) implements BackupForm {
    @Override
    public CharSequence contentType() {
      return Names.JSON;
    }

    @Override
    public boolean tellsRemaining() {
      return true;
    }

    @Override
    public byte[] piece(byte[] bytes, long remaining) {
      JsonText json = call.exchange().json().begin().name("result").begin();
      call.node().header(json, revision);
      ProtoText.number(json, "remaining_bytes", remaining);
      ProtoText.bytes(json, "blob", Bytes.wrap(bytes));
      json.end().end().plain("\n");
      return Arrays.copyOf(json.array(), json.size());
    }
  }

  /** Over all keys as they are now: at one revision every node's is the same. */
  static void hash(EtcdCall call) {
    KvView view = call.node().coordinator().view();
    hash(call, view, view.events().head().keys(), json -> {});
  }

  /** Over all keys at a revision. */
  static void hashKv(EtcdCall call, ProtoJson message) {
    KvView view = call.node().coordinator().view();
    hash(
        call,
        view,
        KvCalls.keysAt(view, message.number("revision")),
        json -> ProtoText.number(json, "compact_revision", view.compactedRevision() + 1));
  }

  /** The first time it is a walk over all keys, so not on the loop. */
  private static void hash(EtcdCall call, KvView view, KeySpace keys, Consumer<JsonText> more) {
    call.exchange()
        .loop()
        .context()
        .executeBlocking(keys::digest, false)
        .onComplete(
            hash ->
                call.exchange()
                    .run(
                        () -> {
                          if (hash.failed()) {
                            call.refuse(
                                new EtcdError(
                                    EtcdError.INTERNAL, "etcdserver: the keys were not hashed"));
                            return;
                          }
                          JsonText json = call.begin(view.revision());
                          json.field("hash", hash.result() & HASH_MASK);
                          more.accept(json);
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
