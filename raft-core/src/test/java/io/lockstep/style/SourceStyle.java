package io.lockstep.style;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The rules of style that no compiler checks, checked on the source text of a module: its size, its
 * names, and the few constructs that class files do not show.
 */
public final class SourceStyle {
  private static final int FILE_LINES_MAX = 600;
  private static final int LINE_CHARS_MAX = 100;
  private static final String LINE_RULE = "a line has at most " + LINE_CHARS_MAX + " characters";
  private static final List<String> TEXTS =
      List.of(".java", ".md", ".txt", ".xml", ".yml", ".yaml", ".json", ".properties", ".sh");
  // Put together here, so that this file does not break its own rules.
  private static final Pattern UNFINISHED = Pattern.compile("\\b(TO" + "DO|FIX" + "ME)\\b");
  private static final String MACHINE_PATH = "/wo" + "rk/";

  private SourceStyle() {}

  /** One place that breaks a rule. */
  public record Violation(String file, long line, String rule) {
    @Override
    public String toString() {
      return file + ":" + line + ": " + rule;
    }
  }

  /** Where a text stands: tests may be longer, deterministic packages may do less. */
  public enum Kind {
    MAIN,
    DETERMINISTIC,
    TEST
  }

  /** Throws an {@link AssertionError} that lists all that is wrong in a module's {@code src}. */
  public static void check(Path module) {
    demandNone(violationsBelow(module.resolve("src")));
  }

  /** As {@link #check}, for texts that are no module's: documents, scripts, build files. */
  public static void checkTexts(List<Path> filesOrDirectories) {
    List<Violation> violations = new ArrayList<>();
    filesOrDirectories.forEach(path -> violations.addAll(violationsBelow(path)));
    demandNone(violations);
  }

  /** What is wrong in one Java source text. */
  static List<Violation> violations(String file, String source, Kind kind) {
    List<Violation> violations = new ArrayList<>(textViolations(file, source));
    violations.addAll(sizeViolations(file, source));
    violations.addAll(new SyntaxRules(file, source, kind).violations());
    return violations;
  }

  /** What is wrong in a text of any language. */
  static List<Violation> textViolations(String file, String text) {
    List<Violation> violations = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (UNFINISHED.matcher(line).find()) {
        violations.add(new Violation(file, i + 1, "unfinished work belongs in an issue"));
      }
      if (line.contains(MACHINE_PATH)) {
        violations.add(new Violation(file, i + 1, "a path of one machine"));
      }
    }
    return violations;
  }

  private static List<Violation> sizeViolations(String file, String source) {
    List<Violation> violations = new ArrayList<>();
    List<String> lines = source.lines().toList();
    if (lines.size() > FILE_LINES_MAX) {
      violations.add(
          new Violation(file, lines.size(), "a file has at most " + FILE_LINES_MAX + " lines"));
    }
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      boolean unbreakable = line.startsWith("import ") || line.contains("https://");
      if (line.codePointCount(0, line.length()) > LINE_CHARS_MAX && !unbreakable) {
        violations.add(new Violation(file, i + 1, LINE_RULE));
      }
    }
    return violations;
  }

  private static List<Violation> violationsBelow(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> isText(file.getFileName().toString()))
          .sorted()
          .flatMap(file -> violationsIn(file).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isText(String name) {
    return name.indexOf('.') < 0 || TEXTS.stream().anyMatch(name::endsWith);
  }

  private static List<Violation> violationsIn(Path file) {
    try {
      String text = Files.readString(file);
      return file.toString().endsWith(".java")
          ? violations(file.toString(), text, kindOf(file))
          : textViolations(file.toString(), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Kind kindOf(Path file) {
    String path = file.toString().replace('\\', '/');
    if (path.contains("src/test/")) {
      return Kind.TEST;
    }
    boolean deterministic =
        path.matches(".*/io/lockstep/raft/((quorum|progress|node)/)?[^/]+")
            || path.contains("/io/lockstep/kv/");
    return deterministic ? Kind.DETERMINISTIC : Kind.MAIN;
  }

  private static void demandNone(List<Violation> violations) {
    if (!violations.isEmpty()) {
      List<String> lines = violations.stream().map(Violation::toString).toList();
      throw new AssertionError("Style:\n" + String.join("\n", lines));
    }
  }
}
