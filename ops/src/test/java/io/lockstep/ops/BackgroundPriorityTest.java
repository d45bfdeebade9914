package io.lockstep.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** One thread steps behind, and no other. */
class BackgroundPriorityTest {
  @Test
  @EnabledOnOs(OS.LINUX)
  void itLowersTheCallingThreadAlone() throws Exception {
    int before = niceOfThisThread();
    FutureTask<Integer> lowered =
        new FutureTask<>(
            () -> {
              assertTrue(BackgroundPriority.lower());
              return niceOfThisThread();
            });
    Thread.ofPlatform().start(lowered);
    assertEquals(10, lowered.get());
    assertEquals(before, niceOfThisThread());
    FutureTask<Integer> other = new FutureTask<>(BackgroundPriorityTest::niceOfThisThread);
    Thread.ofPlatform().start(other);
    assertEquals(before, other.get());
  }

  /** Field 19 of proc_pid_stat(5); the second, a name in parentheses, may have spaces. */
  private static int niceOfThisThread() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String afterName = stat.substring(stat.lastIndexOf(')') + 2);
    return Integer.parseInt(List.of(afterName.split(" ")).get(16));
  }
}
