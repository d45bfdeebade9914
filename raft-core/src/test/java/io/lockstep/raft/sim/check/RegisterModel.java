package io.lockstep.raft.sim.check;

import io.lockstep.raft.sim.check.RegisterModel.Call;
import org.jspecify.annotations.Nullable;

/** One register of text with read, write, compare-and-set, and fetch-and-add on decimal numbers. */
public record RegisterModel(String initial) implements Model<String, Call, String> {
  /** The response of a write, and of a compare-and-set that took place. */
  public static final String OK = "ok";

  /** The response of a compare-and-set that found another value. */
  public static final String ERROR = "error";

  /** What can be asked of a register. */
  public sealed interface Call {
    /** Answers the value. */
    record Read() implements Call {}

    /** Answers {@link #OK}. */
    record Write(String value) implements Call {}

    /** Answers {@link #OK} or {@link #ERROR}. */
    record CompareAndSet(String expected, String value) implements Call {}

    /** Answers the value before the addition. */
    record FetchAndAdd(long delta) implements Call {}
  }

  @Override
  public @Nullable String step(String state, Call call, @Nullable String response) {
    return switch (call) {
      case Call.Read read -> state.equals(response) ? state : null;
      case Call.Write write -> response == null || response.equals(OK) ? write.value() : null;
      case Call.CompareAndSet cas -> compareAndSet(state, cas, response);
      case Call.FetchAndAdd add ->
          response == null || response.equals(state)
              ? Long.toString(Long.parseLong(state) + add.delta())
              : null;
    };
  }

  @Override
  public boolean onlyLooks(Call call, String response) {
    return switch (call) {
      case Call.Read read -> true;
      case Call.Write write -> false;
      case Call.CompareAndSet cas -> response.equals(ERROR);
      case Call.FetchAndAdd add -> false;
    };
  }

  private static @Nullable String compareAndSet(
      String state, Call.CompareAndSet cas, @Nullable String response) {
    boolean matches = state.equals(cas.expected());
    if (response != null && response.equals(OK) != matches) {
      return null;
    }
    if (matches) {
      return cas.value();
    }
    return response == null ? null : state;
  }
}
