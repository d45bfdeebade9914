package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The disk of the power-cut runs loses what was not forced, and only that. */
@Execution(ExecutionMode.SAME_THREAD)
class DiskImageIT {
  @Test
  void aPowerCutTakesWhatWasNotForcedAndAFullDiskIsFull(@TempDir Path directory) throws Exception {
    try (DiskImage disk = DiskImage.behind(directory.resolve("n1"), 64)) {
      Path forced = directory.resolve("n1/forced");
      Path unforced = directory.resolve("n1/unforced");
      Files.writeString(forced, "kept");
      try (FileChannel channel = FileChannel.open(forced, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.writeString(unforced, "lost");
      disk.cutPower();
      assertEquals("kept", Files.readString(forced));
      assertTrue(!Files.exists(unforced) || Files.size(unforced) == 0, "was never forced");
      disk.fill();
      byte[] large = "x".repeat(100_000).getBytes(StandardCharsets.US_ASCII);
      assertThrows(IOException.class, () -> Files.write(directory.resolve("n1/more"), large));
      disk.free();
      Files.write(directory.resolve("n1/more"), large);
    }
  }
}
