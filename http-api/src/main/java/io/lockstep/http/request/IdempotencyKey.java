package io.lockstep.http.request;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The header {@code Idempotency-Key}, and the fingerprint of what is asked under it. */
public final class IdempotencyKey {
  private static final int BYTES_MAX = 128;

  private IdempotencyKey() {}

  /** The key's bytes: {@code k} and {@code "k"} are the same key. */
  public static Bytes parse(String header) {
    String text = header.trim();
    if (text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")) {
      text = text.substring(1, text.length() - 1);
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 0x7e || text.charAt(i) < 0x20) {
        throw bad("must be printable ASCII");
      }
    }
    Bytes key = Bytes.utf8(text);
    if (key.isEmpty() || key.length() > BYTES_MAX) {
      throw bad("must be 1 to " + BYTES_MAX + " bytes");
    }
    return key;
  }

  /** The request's key with the fingerprint of its parts; a part may be absent. */
  public static RequestKey of(String scope, Bytes key, List<@Nullable String> parts, Bytes body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        // A length before each part: else two parts could pass for two others.
        byte[] encoded = part == null ? new byte[0] : Bytes.utf8(part).toArray();
        digest.update((byte) (part == null ? 0 : 1));
        digest.update(Bytes.utf8(encoded.length + ":").toArray());
        digest.update(encoded);
      }
      digest.update(body.toArray());
      return new RequestKey(scope, key, Bytes.wrap(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      Invariant.check(false, "every JDK has SHA-256");
      throw new IllegalStateException(e);
    }
  }

  private static Rejected bad(String what) {
    return new Rejected(
        Problem.of(ProblemCode.BAD_HEADER, "Idempotency-Key " + what)
            .with("header", "Idempotency-Key"));
  }
}
