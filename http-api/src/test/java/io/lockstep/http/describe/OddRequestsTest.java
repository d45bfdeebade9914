package io.lockstep.http.describe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.lockstep.http.HttpOptions;
import io.lockstep.http.describe.OddRequests.Odd;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Requests that nobody would send on purpose get a documented answer, and never one that says that
 * the service is broken. {@code -Dodd.seed} and {@code -Dodd.requests} choose others.
 */
class OddRequestsTest {
  private static final long SEED = Long.getLong("odd.seed", 20_261_122);
  private static final int REQUESTS = Integer.getInteger("odd.requests", 2_000);
  private static final Set<Integer> HONEST = Set.of(503, 504, 507);

  private final Contract contract = new Contract();
  private final Set<Integer> statuses = new TreeSet<>();
  private final List<String> broken = new ArrayList<>();

  @Test
  void eachGetsADocumentedAnswer() throws Exception {
    System.out.println("odd requests: -Dodd.seed=" + SEED + " -Dodd.requests=" + REQUESTS);
    OddRequests requests = new OddRequests(contract.description, SEED);
    try (TestNode node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0))) {
      for (int i = 0; i < REQUESTS; i++) {
        Odd odd = requests.next();
        int before = contract.faults().size();
        hold(odd, ask(node.client(), odd));
        if (contract.faults().size() > before) {
          broken.add(i + ": " + odd + "\n   " + contract.faults().getLast());
        }
      }
      assertEquals(200, node.client().get("/livez").status(), "it serves as before");
      assertEquals(201, node.client().put("/v1/kv/still-there", "x").status());
    }
    assertEquals(List.of(), broken, () -> "seed " + SEED + ":\n" + String.join("\n", broken));
    assertTrue(statuses.size() > 12, "many kinds of answers are met: " + statuses);
  }

  /** The head of the answer, with its body unless that is a stream. */
  private static Response ask(Http http, Odd odd) throws IOException {
    try (Http.Connection connection = http.connect()) {
      try {
        connection.send(
            odd.method(), odd.target(), odd.body(), odd.headers().toArray(new String[0]));
      } catch (SocketException refused) {
        // Answered and closed before all of it was sent.
      }
      return connection.answerOrStreamHead(odd.method().equals("HEAD"));
    } catch (EOFException closed) {
      return new Response(0, java.util.Map.of(), new byte[0]);
    }
  }

  private void hold(Odd odd, Response answer) throws IOException {
    statuses.add(answer.status());
    int status = answer.status();
    if (status == 0 || status >= 500 && !HONEST.contains(status)) {
      broken.add(odd + "\n   answered " + status + " " + answer.text());
      return;
    }
    boolean verbApart = odd.target().contains("verb=");
    if (!verbApart && contract.description.asked(odd.method(), odd.target()) != null) {
      contract.check(odd.method(), odd.target(), answer);
    } else if (status >= 400 && answer.body().length > 0) {
      JsonNode problem =
          JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/Problem");
      for (String fault : contract.description.faults(problem, answer.json())) {
        broken.add(odd + "\n   " + status + " " + fault + " " + answer.text());
      }
    }
  }
}
