import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Applies google-java-format to every source file below the modules' {@code src}, or demands that
 * it was applied.
 *
 * <p>The formatter parses with the compiler of the JVM that it runs in. Maven may run on 17, which
 * cannot parse record patterns, so this runs in a JVM of its own, on the JDK of the build.
 *
 * <p>Arguments: a {@link Mode}, the repository's directory, a file that remembers the digests of
 * texts known to be well formatted (and lives in {@code target}).
 */
final class Format {
  private static final JavaFormatterOptions OPTIONS = JavaFormatterOptions.defaultOptions();

  private Format() {}

  public static void main(String[] args) throws IOException {
    Mode mode = Mode.valueOf(args[0].toUpperCase(Locale.ROOT));
    Path root = Path.of(args[1]);
    Path memory = Path.of(args[2]);
    Set<String> known =
        Files.exists(memory) ? new TreeSet<>(Files.readAllLines(memory)) : new TreeSet<>();

    List<Source> sources = sources(root).parallel().map(Format::read).toList();
    List<Source> unformatted =
        sources.parallelStream()
            .filter(source -> !known.contains(source.digest()))
            .filter(source -> !source.text().equals(formatted(source)))
            .toList();
    if (mode == Mode.APPLY) {
      for (Source source : unformatted) {
        Files.writeString(source.path(), formatted(source));
        System.out.println("formatted " + root.relativize(source.path()));
      }
      return;
    }

    Set<String> wellFormatted = sources.stream().map(Source::digest).collect(Collectors.toSet());
    unformatted.forEach(source -> wellFormatted.remove(source.digest()));
    Files.write(memory, new TreeSet<>(wellFormatted));
    if (!unformatted.isEmpty()) {
      unformatted.forEach(
          source -> System.err.println("not formatted: " + root.relativize(source.path())));
      System.err.println("`make format` formats them");
      System.exit(mode == Mode.CHECK ? 1 : 0);
    }
  }

  private enum Mode {
    /** Rewrites what is not formatted. */
    APPLY,
    /** Names what is not formatted, and fails if there is any. */
    CHECK,
    /** Names what is not formatted. */
    REPORT
  }

  private static Stream<Path> sources(Path root) throws IOException {
    try (Stream<Path> modules = Files.list(root)) {
      return modules
          .map(module -> module.resolve("src"))
          .filter(Files::isDirectory)
          .sorted()
          .toList()
          .stream()
          .flatMap(Format::javaFiles);
    }
  }

  private static Stream<Path> javaFiles(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList().stream();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Source read(Path path) {
    try {
      String text = Files.readString(path);
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return new Source(path, text, HexFormat.of().formatHex(digest));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(path.toString(), e);
    }
  }

  private static String formatted(Source source) {
    try {
      String ordered =
          RemoveUnusedImports.removeUnusedImports(
              ImportOrderer.reorderImports(source.text(), OPTIONS.style()));
      return new Formatter(OPTIONS).formatSource(ordered);
    } catch (FormatterException e) {
      throw new IllegalStateException(source.path() + ": " + e.getMessage(), e);
    }
  }

  private record Source(Path path, String text, String digest) {}
}
