package io.lockstep.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.fixture.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The command lines of the documentation's {@code sh} blocks, run as they stand there: each answers
 * what stands below it.
 */
class DocumentedCommandsTest {
  private static final Path DOCS = Path.of("../docs");
  private static final String EXPECTED = "#=> ";
  private static TestNode node;

  /**
   * A command line.
   *
   * @param expected fragments that its output must hold
   */
  private record Step(String command, List<String> expected) {}

  @BeforeAll
  static void start() {
    node = TestNode.lone(HttpOptions.listen("127.0.0.1", 0));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(DOCS)) {
      return files
          .filter(file -> file.toString().endsWith(".md") && !steps(file).isEmpty())
          .sorted()
          .toList();
    }
  }

  @Test
  void recipesAreAmongThem() throws Exception {
    assertTrue(pages().size() >= 5, "pages with commands are found: " + pages());
  }

  @ParameterizedTest
  @MethodSource("pages")
  void itsCommandsAnswerWhatItSays(Path page, @TempDir Path directory) throws Exception {
    List<Step> steps = steps(page);
    StringBuilder script = new StringBuilder("H=http://127.0.0.1:" + node.port() + "\n");
    for (int i = 0; i < steps.size(); i++) {
      script.append("{ ").append(steps.get(i).command()).append("\n} > step-" + i + " 2>&1\n");
    }
    Process shell =
        new ProcessBuilder("bash", "-c", script.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("output").toFile())
            .start();
    assertTrue(shell.waitFor(60, TimeUnit.SECONDS), "the commands end");
    List<String> missing = new ArrayList<>();
    for (int i = 0; i < steps.size(); i++) {
      String output = read(directory.resolve("step-" + i));
      for (String expected : steps.get(i).expected()) {
        if (!output.contains(expected)) {
          missing.add(steps.get(i).command() + "\n  should answer " + expected + ": " + output);
        }
      }
    }
    assertEquals(List.of(), missing, () -> read(directory.resolve("output")));
  }

  private static List<Step> steps(Path page) {
    List<Step> steps = new ArrayList<>();
    boolean inside = false;
    for (String line : read(page).lines().toList()) {
      if (line.startsWith("```")) {
        inside = line.equals("```sh");
      } else if (inside && line.startsWith(EXPECTED)) {
        steps.getLast().expected().add(line.substring(EXPECTED.length()));
      } else if (inside && !line.isBlank()) {
        steps.add(new Step(line, new ArrayList<>()));
      }
    }
    return steps;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      return "(" + unreadable.getMessage() + ")";
    }
  }
}
