package io.lockstep.http.describe;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.http.describe.Description.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;

/**
 * The codes that are described of an operation and that the contract test does not bring about,
 * each with what it would take, or why it cannot come; it is a fault as well when one was seen
 * after all.
 */
final class UndrivenCodes {
  private record Excuse(String code, BiPredicate<Description, Operation> of, String reason) {
    boolean covers(Contract contract, Operation operation) {
      return of.test(contract.description, operation);
    }
  }

  private static final List<Excuse> EXCUSES =
      List.of(
          new Excuse("overloaded", (all, one) -> true, "thousands of requests: SubmittingTest"),
          new Excuse("diverged", (all, one) -> true, "states that differ: DivergenceIT"),
          new Excuse("unknown-field", (all, one) -> !takesJson(one), "takes no JSON"),
          new Excuse("bad-json", (all, one) -> !takesJson(one), "takes no JSON"),
          new Excuse("bad-field", (all, one) -> !hasFields(one), "has no fields"),
          new Excuse("unexpected-body", (all, one) -> takesBody(one), "takes a body"),
          new Excuse(
              "duplicate-parameter", (all, one) -> !takes(all, one, "query"), "no parameters"),
          new Excuse("bad-parameter", (all, one) -> !takes(all, one, "query"), "no parameters"),
          new Excuse("bad-header", (all, one) -> !takes(all, one, "header"), "reads no header"),
          new Excuse("bad-duration", (all, one) -> !takes(all, one, "header"), "no durations"),
          new Excuse(
              "value-too-large",
              (all, one) -> !one.path().startsWith("/v1/kv") && !one.path().equals("/v1/txn"),
              "carries no value"),
          new Excuse(
              "body-too-large",
              (all, one) -> isPut(one),
              "its body is a value, which is too large"),
          new Excuse(
              "ambiguous-token",
              (all, one) -> one.path().startsWith("/v1/elections"),
              "an office is one's alone"),
          new Excuse("ids-exhausted", (all, one) -> true, "2^60 ids"),
          new Excuse("too-many-members", (all, one) -> true, "23 members"),
          new Excuse("not-caught-up", (all, one) -> true, "a learner that lags for long"),
          new Excuse(
              "quorum-would-be-lost",
              (all, one) -> one.path().endsWith(":promote"),
              "a voter that is away: MembersTest"));

  private UndrivenCodes() {}

  private static JsonNode bodyOf(Operation operation) {
    return operation.node().at("/requestBody/content");
  }

  private static boolean takesBody(Operation operation) {
    return operation.node().has("requestBody");
  }

  private static boolean takesJson(Operation operation) {
    return bodyOf(operation).has("application/json");
  }

  private static boolean hasFields(Operation operation) {
    JsonNode schema = bodyOf(operation).at("/application~1json/schema");
    return schema.has("$ref") || schema.path("properties").size() > 0;
  }

  private static boolean isPut(Operation operation) {
    return operation.method().equals("PUT");
  }

  private static boolean takes(Description all, Operation operation, String where) {
    return all.parameters(operation).stream()
        .anyMatch(one -> one.path("in").asText().equals(where));
  }

  /** What is wrong with what was seen: codes without an excuse, and excuses without a need. */
  static List<String> faults(Contract contract) {
    List<String> faults = new ArrayList<>();
    for (Operation operation : contract.description.operations()) {
      for (String code : described(contract, operation)) {
        boolean excused =
            EXCUSES.stream()
                .anyMatch(one -> one.code().equals(code) && one.covers(contract, operation));
        boolean seen = contract.saw(operation, code);
        if (!seen && !excused) {
          faults.add(operation + " never answers " + code);
        } else if (seen && excused) {
          faults.add(operation + " answers " + code + ", which is excused");
        }
      }
    }
    for (Excuse excuse : EXCUSES) {
      boolean needed =
          contract.description.operations().stream()
              .anyMatch(
                  one ->
                      excuse.covers(contract, one)
                          && described(contract, one).contains(excuse.code()));
      if (!needed) {
        faults.add("no operation needs the excuse for " + excuse.code() + ": " + excuse.reason());
      }
    }
    return faults;
  }

  private static List<String> described(Contract contract, Operation operation) {
    List<String> codes = new ArrayList<>();
    operation
        .node()
        .path("responses")
        .forEach(one -> codes.addAll(Description.codes(contract.description.resolve(one))));
    return codes;
  }
}
