package io.lockstep.http.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which traceparent names a trace: W3C Trace Context, level 1, section 3.2. */
class TraceParentTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String VALID = "00-" + TRACE + "-00f067aa0ba902b7-01";

  @ParameterizedTest
  @ValueSource(
      strings = {
        VALID,
        "00-" + TRACE + "-00f067aa0ba902b7-00",
        "00-" + TRACE + "-00f067aa0ba902b7-ff",
        "01-" + TRACE + "-00f067aa0ba902b7-01",
        "cc-" + TRACE + "-00f067aa0ba902b7-01-what-the-future-brings",
        "cc-" + TRACE + "-00f067aa0ba902b7-01-",
      })
  void aValidOneNamesItsTrace(String header) {
    assertEquals(TRACE, TraceParent.traceId(List.of(header)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        TRACE,
        "ff-" + TRACE + "-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-" + TRACE + "-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00F067AA0BA902B7-01",
        "00-" + TRACE + "-00f067aa0ba902b7-0",
        "00-" + TRACE + "-00f067aa0ba902b7-0x",
        "0x-" + TRACE + "-00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7-01-",
        "00-" + TRACE + "-00f067aa0ba902b7-01-more",
        "cc-" + TRACE + "-00f067aa0ba902b7-01.more",
        "cc-" + TRACE + "-00f067aa0ba902b7-011",
        "00_" + TRACE + "-00f067aa0ba902b7-01",
        "00-" + TRACE + "_00f067aa0ba902b7-01",
        "00-" + TRACE + "-00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01-",
        " 00-" + TRACE + "-00f067aa0ba902b7-01",
      })
  void anInvalidOneIsIgnored(String header) {
    assertNull(TraceParent.traceId(List.of(header)));
  }

  @Test
  void noneOrSeveralNameNoTrace() {
    assertNull(TraceParent.traceId(List.of()));
    assertNull(TraceParent.traceId(List.of(VALID, VALID)));
  }
}
