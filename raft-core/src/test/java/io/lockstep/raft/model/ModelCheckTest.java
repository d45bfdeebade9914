package io.lockstep.raft.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tlc2.TLC;

/**
 * {@code Lockstep.tla}, the protocol as it is built, checked with TLC: every state within the
 * bounds is visited. Each mistake that the model knows is found, so a run that finds none means
 * something. Each run is a process of its own on one core; other tests go on beside it.
 */
@Execution(ExecutionMode.CONCURRENT)
class ModelCheckTest {
  private static final String SPEC = "Lockstep.tla";
  private static final String NO_ERROR = "Model checking completed. No error has been found.";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"reads", "joint"})
  void theProtocolIsSafeWithinTheBounds(String bounds) throws Exception {
    String said = check(bounds, "none");
    assertTrue(said.contains(NO_ERROR), said);
  }

  @ParameterizedTest
  @CsvSource({
    "crashes, claims before the flush, LeaderCompleteness is violated",
    "crashes, leader counts unflushed, LeaderCompleteness is violated",
    "crashes, votes for outdated logs, LeaderCompleteness is violated",
    "crashes, forgets its vote, a term has one leader",
    "crashes, appends without the check, LogMatching is violated",
    "reads, reads before the first commit, ReadsAreCurrent is violated",
    "reads, joins the round under way, ReadsAreCurrent is violated",
    "joint, single quorum while joint, a term has one leader"
  })
  void aMistakeIsFound(String bounds, String mutation, String violation) throws Exception {
    String said = check(bounds, mutation);
    assertTrue(said.contains(violation), said);
  }

  private String check(String bounds, String mutation) throws Exception {
    Files.writeString(directory.resolve(SPEC), resource(SPEC));
    String none = "Mutation = \"none\"";
    String config = resource(bounds + ".cfg");
    assertTrue(config.contains(none), config);
    Files.writeString(
        directory.resolve("run.cfg"), config.replace(none, "Mutation = \"" + mutation + "\""));
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Process tlc =
        new ProcessBuilder(
                List.of(
                    java.toString(),
                    "-XX:+UseSerialGC",
                    "-Xmx1g",
                    "-cp",
                    tools().toString(),
                    TLC.class.getName(),
                    "-workers",
                    "1",
                    "-config",
                    "run.cfg",
                    SPEC))
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(tlc.getInputStream().readAllBytes(), UTF_8);
    tlc.waitFor();
    return said;
  }

  private static Path tools() throws URISyntaxException {
    return Path.of(TLC.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ModelCheckTest.class.getResourceAsStream("/tla/" + name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
