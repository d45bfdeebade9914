package io.lockstep.http.request;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditions on writes, from headers and parameters. */
public final class Conditions {
  private static final int GUARDS_MAX = 16;

  private Conditions() {}

  /** What {@code If-Match}, {@code If-None-Match} or {@code ?if_revision} demand; one at most. */
  public static KeyCondition of(
      @Nullable String ifMatch, @Nullable String ifNoneMatch, long ifRevision) {
    int given =
        (ifMatch == null ? 0 : 1) + (ifNoneMatch == null ? 0 : 1) + (ifRevision == 0 ? 0 : 1);
    if (given > 1) {
      throw new Rejected(
          ProblemCode.BAD_HEADER, "give one of If-Match, If-None-Match and if_revision");
    }
    if (ifRevision != 0) {
      return new KeyCondition.RevisionIs(ifRevision);
    }
    if (ifMatch != null) {
      return ifMatch.trim().equals("*")
          ? new KeyCondition.Present()
          : new KeyCondition.RevisionIs(revision("If-Match", ifMatch));
    }
    if (ifNoneMatch != null) {
      if (!ifNoneMatch.trim().equals("*")) {
        throw bad("If-None-Match", "must be * on a write");
      }
      return new KeyCondition.Absent();
    }
    return new KeyCondition.Always();
  }

  /** The revision that a strong entity tag such as {@code "41"} names. */
  public static long revision(String header, String value) {
    String tag = value.trim();
    boolean quoted = tag.length() > 2 && tag.startsWith("\"") && tag.endsWith("\"");
    long revision = quoted ? Digits.parse(tag, 1, tag.length() - 1) : -1;
    if (revision < 1) {
      throw bad(header, "must be one strong entity tag such as \"41\"");
    }
    return revision;
  }

  /** Whether {@code If-None-Match} of a read names this revision: a list of tags, weak or not. */
  public static boolean noneMatchHits(String value, long modRevision) {
    String wanted = "\"" + modRevision + "\"";
    for (String part : value.split(",", -1)) {
      String tag = part.trim();
      if (tag.startsWith("W/")) {
        tag = tag.substring(2);
      }
      if (tag.equals("*") || tag.equals(wanted)) {
        return true;
      }
    }
    return false;
  }

  /** The guards of all {@code If-Lock} headers: {@code name;token=47}, with commas between. */
  public static List<LockGuard> guards(List<String> headers) {
    List<LockGuard> guards = new ArrayList<>();
    for (String header : headers) {
      for (String part : header.split(",", -1)) {
        guards.add(guard(part.trim()));
      }
    }
    if (guards.size() > GUARDS_MAX) {
      throw new Rejected(
          Problem.of(ProblemCode.BAD_HEADER, "If-Lock names more than " + GUARDS_MAX + " locks")
              .with("header", "If-Lock")
              .with("limit", GUARDS_MAX));
    }
    return guards;
  }

  private static LockGuard guard(String text) {
    int semicolon = text.indexOf(';');
    String parameter = semicolon < 0 ? "" : text.substring(semicolon + 1).trim();
    long token =
        parameter.startsWith("token=") ? Digits.parse(parameter, 6, parameter.length()) : -1;
    if (semicolon < 1 || token < 1) {
      throw bad("If-Lock", "must be name;token=47, with the name percent-encoded");
    }
    Bytes name = PercentDecoding.bytes(text, 0, semicolon);
    return new LockGuard(name, token);
  }

  private static Rejected bad(String header, String what) {
    return new Rejected(
        Problem.of(ProblemCode.BAD_HEADER, header + " " + what).with("header", header));
  }
}
