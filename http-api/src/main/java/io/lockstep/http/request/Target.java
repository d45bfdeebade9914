package io.lockstep.http.request;

import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * A raw request target, split and never normalized: {@code //}, {@code ..} and trailing slashes are
 * part of a name.
 *
 * @param path from the first slash to the question mark, as sent
 * @param rawQuery what follows the question mark, null for none
 */
public record Target(String path, @Nullable String rawQuery) {
  /** Splits {@code uri}, in origin form or absolute form. */
  public static Target of(String uri) {
    int start = uri.startsWith("/") ? 0 : afterAuthority(uri);
    int mark = uri.indexOf('?', start);
    if (mark < 0) {
      return new Target(uri.substring(start), null);
    }
    return new Target(uri.substring(start, mark), uri.substring(mark + 1));
  }

  private static int afterAuthority(String uri) {
    int authority = uri.regionMatches(true, 0, "http://", 0, 7) ? 7 : -1;
    if (authority < 0 && uri.regionMatches(true, 0, "https://", 0, 8)) {
      authority = 8;
    }
    int slash = authority < 0 ? -1 : uri.indexOf('/', authority);
    if (slash < 0) {
      throw new Rejected(ProblemCode.BAD_TARGET, "the request target has no path");
    }
    return slash;
  }

  /** The bytes that the path from {@code from} on stands for. */
  public Bytes bytesFrom(int from) {
    return PercentDecoding.bytes(path, from, path.length());
  }

  /** The bytes that the path between these positions stands for. */
  public Bytes bytes(int from, int end) {
    return PercentDecoding.bytes(path, from, end);
  }

  /** The text that the path from {@code from} on stands for. */
  public String textFrom(int from) {
    return PercentDecoding.text(path, from, path.length());
  }

  /** The text that the path between these positions stands for. */
  public String text(int from, int end) {
    return PercentDecoding.text(path, from, end);
  }
}
