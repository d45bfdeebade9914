package io.lockstep.ops.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Programs of the operating system that some faults need. Without them a test is skipped, and says
 * so loudly.
 */
final class Tools {
  private Tools() {}

  static void require(String program, String debianPackage) {
    boolean there =
        List.of("/usr/bin", "/bin", "/usr/sbin", "/sbin").stream()
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    if (!there) {
      skip("needs " + program + " (Debian package " + debianPackage + ")");
    }
  }

  static void requireRoot() {
    if (!"root".equals(System.getProperty("user.name"))) {
      skip("needs root");
    }
  }

  static void skip(String reason) {
    System.err.println("SKIPPED, and so NOT TESTED here: " + reason);
    Assumptions.abort(reason);
  }

  /** Runs a command to its end; its output goes to this process's. */
  static int run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", command) + " does not end");
    }
    return process.exitValue();
  }
}
