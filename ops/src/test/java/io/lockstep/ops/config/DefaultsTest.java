package io.lockstep.ops.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line wins over the environment, the environment over the file. */
class DefaultsTest {
  private static final TreeSet<String> KNOWN =
      new TreeSet<>(List.of("client", "segment-mib", "config"));

  @Command
  static final class Sample {
    @Option(names = "--client")
    String client;

    @Option(names = "--segment-mib", defaultValue = "64")
    int segmentMebibytes;

    @Option(names = "--config")
    String config;
  }

  private static Sample parse(Map<String, String> environment, String... arguments)
      throws IOException {
    Sample sample = new Sample();
    CommandLine line = new CommandLine(sample);
    line.setDefaultValueProvider(Defaults.of(arguments, environment, KNOWN));
    line.parseArgs(arguments);
    return sample;
  }

  @Test
  void eachSourceInItsPlace(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("node.properties");
    Files.writeString(file, "client=from-file\nsegment-mib=16\n");
    String path = file.toString();
    Map<String, String> environment = Map.of("LOCKSTEP_CLIENT", "from-environment");
    assertEquals("from-line", parse(environment, "--config", path, "--client", "from-line").client);
    assertEquals("from-environment", parse(environment, "--config", path).client);
    assertEquals("from-file", parse(Map.of(), "--config=" + path).client);
    assertEquals("from-file", parse(Map.of("LOCKSTEP_CONFIG", path)).client);
    assertEquals(16, parse(Map.of(), "--config", path).segmentMebibytes);
    assertEquals(8, parse(Map.of("LOCKSTEP_SEGMENT_MIB", "8")).segmentMebibytes);
    assertEquals(64, parse(Map.of()).segmentMebibytes);
  }

  @Test
  void aFileWithATypoIsRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("node.properties");
    Files.writeString(file, "cleint=127.0.0.1:8400\n");
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> parse(Map.of(), "--config", file.toString()));
    assertTrue(refusal.getMessage().contains("cleint"), refusal.getMessage());
    assertThrows(NoSuchFileException.class, () -> parse(Map.of(), "--config", file + ".not-there"));
  }
}
