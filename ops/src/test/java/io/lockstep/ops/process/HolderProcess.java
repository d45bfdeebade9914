package io.lockstep.ops.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A running {@link HolderMain}, which can be put to sleep in the middle of its work. */
final class HolderProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  HolderProcess(String acquireUri, String claim) throws IOException, URISyntaxException {
    Path classes =
        Path.of(HolderMain.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xmx64m",
                "-cp",
                classes.toString(),
                HolderMain.class.getName(),
                acquireUri,
                claim)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Lets the process read a line, when it is awake. */
  void tell(String line) throws IOException {
    process.outputWriter(StandardCharsets.UTF_8).write(line + "\n");
    process.outputWriter(StandardCharsets.UTF_8).flush();
  }

  /** What it says next. */
  String hear() throws Exception {
    return CompletableFuture.supplyAsync(this::line, task -> Thread.ofVirtual().start(task))
        .get(40, TimeUnit.SECONDS);
  }

  private String line() {
    try {
      return String.valueOf(answers.readLine());
    } catch (IOException ended) {
      return ended.toString();
    }
  }

  String ask(String line) throws Exception {
    tell(line);
    return hear();
  }

  /** Stops it where it is, or lets it go on: STOP, CONT. */
  void signal(String name) throws IOException, InterruptedException {
    Tools.run("kill", "-" + name, Long.toString(process.pid()));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
