package io.lockstep.http.etcd;

/** Thrown where a request cannot be done: nothing was, and the error is the answer. Cheap. */
final class EtcdRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient EtcdError error;

  EtcdRefused(EtcdError error) {
    super(error.message(), null, false, false);
    this.error = error;
  }

  EtcdError error() {
    return error;
  }
}
