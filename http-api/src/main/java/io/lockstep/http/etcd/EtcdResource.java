package io.lockstep.http.etcd;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.backup.Backups;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.v1.Reads;
import io.lockstep.http.watch.WatchHub;
import java.util.List;

/** The paths of etcd's gateway: {@code /v3}, its older names, {@code /version}, {@code /health}. */
public final class EtcdResource implements Resource {
  /** The prefixes of the calls, all alike. */
  public static final List<String> PREFIXES = List.of("/v3/", "/v3beta/", "/v3alpha/");

  /** What is spoken here, told to clients that choose by it. */
  public static final String VERSION = "/version";

  /** Whether this node can serve. */
  public static final String HEALTH = "/health";

  /** The version of etcd whose answers these are. */
  static final String ETCD_VERSION = "3.5.0";

  static final EtcdError NOT_SERVED = new EtcdError(EtcdError.NOT_FOUND, "Not Found");
  private static final String AUTH = "auth/";

  private final EtcdNode node;
  private final Reads reads;
  private final WatchHub hub;
  private final Backups backups;

  public EtcdResource(
      Coordinator coordinator,
      ClusterDirectory directory,
      Reads reads,
      WatchHub hub,
      Backups backups) {
    this.hub = hub;
    this.backups = backups;
    this.node = new EtcdNode(coordinator, directory);
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.errorsAs(
        (json, problem) -> {
          EtcdError error = EtcdError.of(problem);
          error.write(json);
          return error.status();
        });
    EtcdCall call = new EtcdCall(node, exchange, reads);
    call.run(() -> serve(call));
  }

  private void serve(EtcdCall call) {
    Exchange exchange = call.exchange();
    String path = exchange.target().path();
    boolean read = exchange.method().equals("GET") || exchange.method().equals("HEAD");
    switch (path) {
      case VERSION -> {
        exchange.route("GET /version");
        requireMethod(read);
        JsonText json = exchange.json().begin().field("etcdserver", ETCD_VERSION);
        exchange.answer(200, json.field("etcdcluster", ETCD_VERSION).end());
      }
      case HEALTH -> {
        exchange.route("GET /health");
        requireMethod(read);
        boolean healthy =
            node.coordinator().serves() && node.coordinator().status().leader() != null;
        JsonText json = exchange.json().begin().field("health", Boolean.toString(healthy));
        exchange.answer(healthy ? 200 : 503, json.end());
      }
      default -> {
        exchange.route("etcd v3");
        requireMethod(exchange.method().equals("POST"));
        call(call, path.substring(path.indexOf('/', 1) + 1));
      }
    }
  }

  private static void requireMethod(boolean right) {
    if (!right) {
      throw new EtcdRefused(NOT_SERVED);
    }
  }

  /** What a call does with its message. */
  private interface OfMessage {
    void serve(ProtoJson message);
  }

  private void call(EtcdCall call, String name) {
    switch (name) {
      case "kv/range" -> message(call, message -> KvCalls.range(call, message));
      case "kv/put" -> message(call, message -> KvCalls.put(call, message));
      case "kv/deleterange" -> message(call, message -> KvCalls.deleteRange(call, message));
      case "kv/txn" -> message(call, message -> KvCalls.txn(call, message));
      case "kv/compaction" -> message(call, message -> KvCalls.compact(call, message));
      case "lease/grant", "kv/lease/grant" ->
          message(call, message -> LeaseCalls.grant(call, message));
      case "lease/revoke", "kv/lease/revoke" ->
          message(call, message -> LeaseCalls.revoke(call, message));
      case "lease/timetolive", "kv/lease/timetolive" ->
          message(call, message -> LeaseCalls.timeToLive(call, message));
      case "lease/leases", "kv/lease/leases" -> message(call, message -> LeaseCalls.leases(call));
      case "lease/keepalive", "kv/lease/keepalive" ->
          call.exchange()
              .body(body -> call.run(() -> KeepAlive.serve(call, ProtoJson.stream(body))));
      case "watch" ->
          call.exchange()
              .body(body -> call.run(() -> WatchCall.serve(call, hub, ProtoJson.stream(body))));
      default -> message(call, message -> other(call, name, message));
    }
  }

  private void other(EtcdCall call, String name, ProtoJson message) {
    switch (name) {
      case "lock/lock" -> LockCalls.lock(call, hub, message);
      case "lock/unlock" -> LockCalls.unlock(call, message);
      case "election/campaign" -> ElectionCalls.campaign(call, hub, message);
      case "election/proclaim" -> ElectionCalls.proclaim(call, message);
      case "election/resign" -> ElectionCalls.resign(call, message);
      case "election/leader" -> ElectionCalls.leader(call, message);
      case "election/observe" -> Observation.serve(call, hub, message);
      case "cluster/member/list" -> ClusterCalls.list(call);
      case "cluster/member/add" -> ClusterCalls.add(call, message);
      case "cluster/member/update" -> ClusterCalls.update(call, message);
      case "cluster/member/remove" -> ClusterCalls.remove(call, message);
      case "cluster/member/promote" -> ClusterCalls.promote(call, message);
      case "maintenance/status" -> MaintenanceCalls.status(call);
      case "maintenance/alarm" -> MaintenanceCalls.alarm(call, message);
      case "maintenance/defragment" -> MaintenanceCalls.defragment(call);
      case "maintenance/hash" -> MaintenanceCalls.hash(call);
      case "maintenance/hashkv" -> MaintenanceCalls.hashKv(call, message);
      case "maintenance/snapshot" -> MaintenanceCalls.snapshot(call, backups, reads);
      case "maintenance/transfer-leadership" -> MaintenanceCalls.transfer(call, message);
      default -> {
        if (!name.startsWith(AUTH)) {
          throw new EtcdRefused(NOT_SERVED);
        }
        AuthCalls.serve(call, name.substring(AUTH.length()), message);
      }
    }
  }

  private static void message(EtcdCall call, OfMessage then) {
    call.exchange().body(body -> call.run(() -> then.serve(ProtoJson.parse(body))));
  }
}
