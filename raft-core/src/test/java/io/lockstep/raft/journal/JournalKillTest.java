package io.lockstep.raft.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.Entry;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.journal.file.Disk;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process is killed in the middle, again and again: what it acknowledged is there, and no more.
 */
class JournalKillTest {
  /** A long run has more: {@code -Dlockstep.kill.rounds=1000}. */
  private static final int ROUNDS = Integer.getInteger("lockstep.kill.rounds", 5);

  @TempDir private Path directory;

  /** What the killed processes have said, and so what must be there. */
  private static final class Said {
    long term;
    long forced;
    long cut = Long.MAX_VALUE;

    void hear(String line) {
      long value = Long.parseLong(line.substring(line.indexOf(' ') + 1));
      switch (line.substring(0, line.indexOf(' '))) {
        case "term" -> term = value;
        case "cut" -> {
          cut = value;
          forced = Math.min(forced, value - 1);
        }
        case "forced" -> forced = value;
        default -> throw new IllegalStateException(line);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingAcknowledgedIsLostAndNothingElseAppears(DirectoryDisk.Kind kind)
      throws IOException, InterruptedException {
    Path data = directory.resolve(kind.name());
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Entry> before = List.of();
    for (int round = 1; round <= ROUNDS; round++) {
      String context = kind + ", seed " + seed + ", round " + round;
      Said said = new Said();
      said.forced = before.size();
      appendUntilKilled(data, kind, random, said);
      before = recoveredAfter(data, kind, before, said, context);
    }
    assertTrue(before.size() > 100, "entries in all: " + before.size());
  }

  private static void appendUntilKilled(
      Path data, DirectoryDisk.Kind kind, Random random, Said said)
      throws IOException, InterruptedException {
    Process process = start(data, kind, random.nextLong());
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      String line;
      int acknowledged = 0;
      int killAfter = 1 + random.nextInt(200);
      while ((line = output.readLine()) != null) {
        said.hear(line);
        acknowledged += line.startsWith("forced") ? 1 : 0;
        if (acknowledged == killAfter) {
          // By its handle: the process itself would close its output too, unread.
          process.toHandle().destroyForcibly();
        }
      }
      boolean alive = acknowledged >= killAfter;
      assertTrue(alive, () -> "it died by itself: " + errors(data));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static Process start(Path data, DirectoryDisk.Kind kind, long seed) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--") || argument.startsWith("-Dchronicle"))
        .forEach(command::add);
    command.addAll(List.of("-Xmx200m", "-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(KilledAppender.class.getName(), data.toString(), kind.name(), Long.toString(seed)));
    return new ProcessBuilder(command).redirectError(errorFile(data).toFile()).start();
  }

  private static Path errorFile(Path data) {
    return data.resolveSibling(data.getFileName() + ".err");
  }

  private static String errors(Path data) {
    try {
      return Files.readString(errorFile(data));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Entry> recoveredAfter(
      Path path, DirectoryDisk.Kind kind, List<Entry> before, Said said, String context)
      throws IOException {
    try (DataDirectory data = KilledAppender.openData(path)) {
      assertEquals(said.term, data.hardState().load().term(), context);
      List<Entry> found =
          new JournalFixture(new DirectoryDisk(data.log(), kind, Disk.LOCAL)).recovered();
      assertTrue(
          found.size() >= said.forced,
          () -> context + ": lost, of " + said.forced + " there are " + found.size());
      for (Entry entry : found) {
        boolean old =
            entry.index() <= before.size() && before.get((int) entry.index() - 1).equals(entry);
        boolean kept = old && (entry.index() < said.cut || entry.index() > said.forced);
        boolean written =
            entry.equals(JournalFixture.entry(entry.index(), said.term, entry.payload().length()));
        assertTrue(kept || written, () -> context + ": nobody wrote " + entry.id());
      }
      return found;
    }
  }
}
