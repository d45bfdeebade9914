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
    return all;
  }

  private static void call(List<EtcdRequest> all, String name, String body) {
    all.add(new EtcdRequest("/v3/" + name, body.replace('\'', '"')));
  }
}
