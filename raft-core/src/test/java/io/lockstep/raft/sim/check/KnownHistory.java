package io.lockstep.raft.sim.check;

import io.lockstep.raft.sim.check.RegisterModel.Call;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A history with a verdict that people worked out, from {@code histories/histories.json}. */
record KnownHistory(
    String id,
    String title,
    String initial,
    List<Operation<Call, String>> operations,
    boolean linearizable,
    boolean sequential) {

  static List<KnownHistory> all() {
    List<KnownHistory> histories = new ArrayList<>();
    for (Object object : (List<?>) new JsonText(resource()).value()) {
      Map<?, ?> fields = (Map<?, ?>) object;
      List<Operation<Call, String>> operations = new ArrayList<>();
      for (Object operation : (List<?>) field(fields, "ops")) {
        operations.add(operation((List<?>) operation));
      }
      histories.add(
          new KnownHistory(
              field(fields, "id").toString(),
              field(fields, "title").toString(),
              field(fields, "init").toString(),
              operations,
              (Boolean) field(fields, "linearizable"),
              (Boolean) field(fields, "sequential")));
    }
    return histories;
  }

  private static Object field(Map<?, ?> fields, String name) {
    return Objects.requireNonNull(fields.get(name), name);
  }

  private static Operation<Call, String> operation(List<?> parts) {
    String client = parts.get(0).toString();
    List<?> arguments = (List<?>) parts.get(2);
    Call call =
        switch (parts.get(1).toString()) {
          case "r" -> new Call.Read();
          case "w" -> new Call.Write(arguments.get(0).toString());
          case "cas" ->
              new Call.CompareAndSet(arguments.get(0).toString(), arguments.get(1).toString());
          case "faa" -> new Call.FetchAndAdd((Long) arguments.get(0));
          default -> throw new IllegalArgumentException("unknown call in " + parts);
        };
    @Nullable Object response = parts.get(3);
    long invoked = (Long) parts.get(4);
    return response == null
        ? Operation.unknown(client, call, invoked)
        : Operation.answered(client, call, response.toString(), invoked, (Long) parts.get(5));
  }

  private static String resource() {
    try (InputStream in = KnownHistory.class.getResourceAsStream("/histories/histories.json")) {
      return new String(
          Objects.requireNonNull(in, "histories.json").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return id + " " + title;
  }
}
