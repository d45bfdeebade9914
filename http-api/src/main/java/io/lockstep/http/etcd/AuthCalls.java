package io.lockstep.http.etcd;

/** The calls about users and roles, as an etcd answers them that has none. */
final class AuthCalls {
  private static final EtcdError NOT_ENABLED =
      new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: authentication is not enabled");
  private static final EtcdError NO_ROOT =
      new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: root user does not exist");
  private static final EtcdError NO_USER =
      new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: user name not found");
  private static final EtcdError NO_ROLE =
      new EtcdError(EtcdError.FAILED_PRECONDITION, "etcdserver: role name not found");

  private AuthCalls() {}

  static void serve(EtcdCall call, String name, ProtoJson message) {
    switch (name) {
      case "authenticate" -> throw new EtcdRefused(NOT_ENABLED);
      case "enable" -> throw new EtcdRefused(NO_ROOT);
      case "disable", "user/list", "role/list" ->
          call.done(call.node().coordinator().view().revision());
      case "user/add" -> throw new EtcdRefused(none("user", message.text("name")));
      case "role/add" -> throw new EtcdRefused(none("role", message.text("name")));
      case "user/get", "user/delete", "user/changepw", "user/grant", "user/revoke" ->
          throw new EtcdRefused(NO_USER);
      case "role/get", "role/delete", "role/grant", "role/revoke" -> throw new EtcdRefused(NO_ROLE);
      default -> throw new EtcdRefused(EtcdResource.NOT_SERVED);
    }
  }

  private static EtcdError none(String kind, String name) {
    return name.isEmpty()
        ? EtcdError.argument("etcdserver: " + kind + " name is empty")
        : new EtcdError(
            EtcdError.UNIMPLEMENTED, "etcdserver: " + kind + "s are not kept by this server");
  }
}
