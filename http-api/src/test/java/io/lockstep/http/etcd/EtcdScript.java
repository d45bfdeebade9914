package io.lockstep.http.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A fixed sequence, number 0: the calls that random ones do not make. */
final class EtcdScript {
  /** A lease of the sequence, as the recipe for locks writes it into keys. */
  private static final String LEASE = Long.toHexString(EtcdSide.firstLease(0) + 1);

  private EtcdScript() {}

  static List<EtcdRequest> requests() {
    List<EtcdRequest> all = new ArrayList<>();
    call(all, "lease/grant", "{'TTL':600,'ID':1}");
    call(all, "lock/lock", "{'name':'l','lease':1}");
    call(all, "lock/lock", "{'name':'l','lease':1}");
    call(all, "kv/range", "{'key':'0','range_end':'0'}");
    call(all, "lock/unlock", "{'key':'l/" + LEASE + "'}");
    call(all, "lock/unlock", "{'key':'l/" + LEASE + "'}");
    call(all, "election/leader", "{'name':'e'}");
    call(all, "election/campaign", "{'name':'e','lease':1,'value':'one'}");
    call(all, "election/campaign", "{'name':'e','lease':1,'value':'one'}");
    call(all, "election/campaign", "{'name':'e','lease':1,'value':'two'}");
    call(all, "election/leader", "{'name':'e'}");
    String leader = "'leader':{'name':'e','key':'e/" + LEASE + "','rev':3,'lease':1}";
    call(all, "election/proclaim", "{" + leader + ",'value':'three'}");
    call(all, "election/leader", "{'name':'e'}");
    call(all, "election/proclaim", "{" + leader.replace(":3", ":2") + ",'value':'four'}");
    call(all, "election/resign", "{" + leader.replace(":3", ":2") + "}");
    call(all, "election/resign", "{" + leader + "}");
    call(all, "election/proclaim", "{" + leader + ",'value':'five'}");
    call(all, "election/proclaim", "{'value':'five'}");
    call(all, "election/resign", "{}");
    call(all, "kv/range", "{'key':'0','range_end':'0'}");
    Stream.of("enable", "disable", "authenticate", "user/add", "user/get", "user/list")
        .forEach(name -> call(all, "auth/" + name, "{}"));
    Stream.of("user/delete", "user/changepw", "user/grant", "user/revoke", "role/add", "role/get")
        .forEach(name -> call(all, "auth/" + name, "{}"));
    Stream.of("role/list", "role/delete", "role/grant", "role/revoke")
        .forEach(name -> call(all, "auth/" + name, "{}"));
    Stream.of("add", "remove", "promote", "update")
        .forEach(name -> call(all, "cluster/member/" + name, "{}"));
    call(all, "maintenance/transfer-leadership", "{}");
    ofItself(all);
    oddLeases(all);
    return all;
  }

  /** What a server says of itself. */
  private static void ofItself(List<EtcdRequest> all) {
    Stream.of("status", "alarm", "hash", "defragment")
        .forEach(name -> call(all, "maintenance/" + name, "{}"));
    call(all, "maintenance/alarm", "{'action':'DEACTIVATE','alarm':'NOSPACE'}");
    call(all, "maintenance/alarm", "{'alarm':'CORRUPT'}");
    all.add(new EtcdRequest("/v3/maintenance/alarm", "{\"action\":\"NO\"}", true));
    call(all, "cluster/member/list", "{}");
    call(all, "cluster/member/promote", "{'ID':'7'}");
    call(all, "cluster/member/remove", "{'ID':'7'}");
    call(all, "cluster/member/add", "{'peerURLs':['x']}");
  }

  /** What random sequences do not ask of leases, revisions and numbers. */
  private static void oddLeases(List<EtcdRequest> all) {
    call(all, "lease/grant", "{'TTL':0,'ID':2}");
    call(all, "lease/grant", "{'TTL':-5,'ID':3}");
    call(all, "lease/grant", "{'TTL':60,'ID':-1000001}");
    call(all, "lease/keepalive", "{'ID':-1000001}");
    call(all, "lease/leases", "{}");
    call(all, "lease/revoke", "{'ID':-1000001}");
    Stream.of("timetolive", "keepalive", "revoke")
        .forEach(name -> call(all, "lease/" + name, "{}"));
    call(all, "kv/compaction", "{'revision':-1}");
    call(all, "kv/put", "{'key':'n','value':'1','lease':-9}");
    call(all, "kv/put", "{'key':'n','value':'1'}");
    call(all, "kv/range", "{'key':'n','limit':-1}");
    call(all, "kv/range", "{'key':'n','min_mod_revision':-1,'max_create_revision':-1}");
    all.add(new EtcdRequest("/v3/kv/range", "{\"key\":\"bg==\",\"revision\":-1}", true));
    all.add(new EtcdRequest("/v3/lease/keepalive", "", true));
    all.add(new EtcdRequest("/v3/lease/grant", "{\"TTL\":\"x\"}", true));
  }

  private static void call(List<EtcdRequest> all, String name, String body) {
    all.add(new EtcdRequest("/v3/" + name, body.replace('\'', '"')));
  }
}
