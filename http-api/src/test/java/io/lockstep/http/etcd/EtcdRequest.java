package io.lockstep.http.etcd;

/**
 * One request of a sequence.
 *
 * @param body in the sequence's terms
 * @param raw whether it is sent as it is, and only status and code of the answer count
 */
record EtcdRequest(String path, String body, boolean raw) {
  EtcdRequest(String path, String body) {
    this(path, body, false);
  }
}
