package io.lockstep.http.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header {@code traceparent} of W3C Trace Context, level 1: {@code version-traceid-parentid-
 * flags}, in lower-case hexadecimal digits. One that is not valid counts as none.
 */
public final class TraceParent {
  private static final int TRACE_ID = 3;
  private static final int TRACE_ID_END = 35;
  private static final int PARENT_ID = 36;
  private static final int PARENT_ID_END = 52;
  private static final int FLAGS = 53;
  private static final int LENGTH = 55;

  private TraceParent() {}

  /**
   * The id of the trace that a request belongs to, null for none. Later versions may append fields;
   * the trace of a request that names two is not known.
   *
   * @param values of all headers of the name
   */
  public static @Nullable String traceId(List<String> values) {
    if (values.size() != 1) {
      return null;
    }
    String text = values.getFirst();
    return valid(text) ? text.substring(TRACE_ID, TRACE_ID_END) : null;
  }

  private static boolean valid(String text) {
    return text.length() >= LENGTH
        && hex(text, 0, TRACE_ID - 1)
        && hex(text, TRACE_ID, TRACE_ID_END)
        && hex(text, PARENT_ID, PARENT_ID_END)
        && hex(text, FLAGS, LENGTH)
        && text.charAt(TRACE_ID - 1) == '-'
        && text.charAt(TRACE_ID_END) == '-'
        && text.charAt(PARENT_ID_END) == '-'
        && !all(text, 0, TRACE_ID - 1, 'f')
        && !all(text, TRACE_ID, TRACE_ID_END, '0')
        && !all(text, PARENT_ID, PARENT_ID_END, '0')
        && endsWell(text);
  }

  private static boolean endsWell(String text) {
    boolean first = all(text, 0, TRACE_ID - 1, '0');
    return text.length() == LENGTH || !first && text.charAt(LENGTH) == '-';
  }

  private static boolean hex(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }

  private static boolean all(String text, int from, int to, char wanted) {
    for (int i = from; i < to; i++) {
      if (text.charAt(i) != wanted) {
        return false;
      }
    }
    return true;
  }
}
