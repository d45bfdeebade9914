package io.lockstep.raft.script;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The transcripts tell what happens, and it happens so. After a wanted change run with {@code
 * -Draft.transcripts=rewrite} and read the difference.
 */
class TranscriptTest {
  private static final Path TRANSCRIPTS = Path.of("src", "test", "resources", "transcripts");
  private static final boolean REWRITE = "rewrite".equals(System.getProperty("raft.transcripts"));

  @TestFactory
  List<DynamicTest> transcripts() throws IOException {
    try (Stream<Path> files = Files.list(TRANSCRIPTS)) {
      List<Path> all = files.sorted().toList();
      assertTrue(all.size() >= 5, "there are transcripts: " + all);
      return all.stream()
          .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> check(file)))
          .toList();
    }
  }

  private static void check(Path file) {
    try {
      String written = Files.readString(file);
      String played = Transcript.play(written);
      if (REWRITE) {
        Files.writeString(file, played);
      } else {
        assertEquals(written, played);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
