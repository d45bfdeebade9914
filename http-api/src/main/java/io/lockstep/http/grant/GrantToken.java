package io.lockstep.http.grant;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.lock.GrantView;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.nio.charset.StandardCharsets;

/**
 * A grant as a compact JWS (RFC 7515) with EdDSA (RFC 8037): it says who was granted what, and
 * until when at least that holds by the wall clock of the node that signs. It says nothing of what
 * was granted since.
 */
public final class GrantToken {
  /** What the token is, so that it is never taken for another kind of token of the same keys. */
  public static final String TYPE = "lockstep-grant+jwt";

  private static final long SECOND_MILLIS = 1_000;

  private GrantToken() {}

  /**
   * Signs.
   *
   * @param cluster the cluster's id
   * @param node whose wall clock the times are of
   * @param wallMillis what it showed, not after {@code safeForMillis} was reckoned
   * @param safeForMillis for how long from then on the lease cannot expire
   */
  public static String of(
      SigningKey key,
      String cluster,
      NodeId node,
      GrantView grant,
      long wallMillis,
      long safeForMillis) {
    JsonText header = new JsonText(128);
    header.begin().field("alg", "EdDSA").field("kid", key.id()).field("typ", TYPE).end();
    JsonText claims = new JsonText(512);
    claims.begin().field("iss", "lockstep:" + cluster).field("cluster", cluster);
    write(claims, grant);
    // Rounded down, so that it never says more than holds.
    claims
        .field("iat", wallMillis / SECOND_MILLIS)
        .field("exp", (wallMillis + safeForMillis) / SECOND_MILLIS)
        .field("clock", "wall")
        .field("node", node.text())
        .end();
    String signed =
        SigningKey.base64Url(header.toArray()) + "." + SigningKey.base64Url(claims.toArray());
    byte[] signature = key.sign(signed.getBytes(StandardCharsets.US_ASCII));
    return signed + "." + SigningKey.base64Url(signature);
  }

  private static void write(JsonText claims, GrantView grant) {
    switch (grant.name().kind()) {
      case LOCK -> claims.field("kind", "lock");
      case ELECTION -> claims.field("kind", "election");
      case SEMAPHORE -> claims.field("kind", "semaphore");
    }
    Bytes name = grant.name().text();
    claims
        .key("name", name)
        .field("mode", grant.mode() == LockMode.EXCLUSIVE ? "exclusive" : "shared")
        .field("token", grant.token())
        .field("lease", grant.lease().toString())
        .field("owner", grant.owner());
    if (grant.permits().count() > 0) {
      claims.field("permits", grant.permits().count()).field("limit", grant.permits().limit());
    }
  }
}
