package io.lockstep.style;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.style.SourceStyle.Kind;
import io.lockstep.style.SourceStyle.Violation;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule of {@link SourceStyle} bites, on the line that breaks it, and only there. */
class SourceStyleTest {
  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(Kind.MAIN, 1, "class ClusterManager {}"),
        Arguments.of(Kind.MAIN, 1, "interface ByteUtils {}"),
        Arguments.of(Kind.MAIN, 1, "record KeyHelper() {}"),
        Arguments.of(Kind.MAIN, 1, "class StoreImpl {}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  synchronized void f() {}\n}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  void f() { synchronized (this) {} }\n}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  @SuppressWarnings(\"x\") void f() {}\n}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  // TO" + "DO\n}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  String s = \"/wo" + "rk/a\";\n}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  //" + "x".repeat(97) + "\n}"),
        Arguments.of(Kind.MAIN, 601, "class A {\n" + "\n".repeat(599) + "}"),
        Arguments.of(Kind.MAIN, 2, "class A {\n  void f() {\n" + "\n".repeat(59) + "  }\n}"),
        Arguments.of(Kind.TEST, 2, "class A {\n  void f() {\n" + "\n".repeat(99) + "  }\n}"),
        Arguments.of(
            Kind.MAIN,
            2,
            "class A {\n"
                + "  int f(S s) { return switch (s) { case B b -> 1; default -> 2; }; }\n}"),
        Arguments.of(Kind.MAIN, 1, "class A {"),
        Arguments.of(Kind.TEST, 2, "class A {\n  void f() { Thread.sleep(1); }\n}"),
        Arguments.of(Kind.TEST, 2, "class A {\n  void f() { TimeUnit.SECONDS.sleep(1); }\n}"),
        Arguments.of(Kind.TEST, 2, "class A {\n  @Disabled void f() {}\n}"),
        Arguments.of(Kind.DETERMINISTIC, 2, "class A {\n  Object o = new HashMap<>();\n}"),
        Arguments.of(Kind.DETERMINISTIC, 2, "class A {\n  java.util.HashSet<A> o;\n}"),
        Arguments.of(Kind.DETERMINISTIC, 2, "class A {\n  Object o = Map.of();\n}"),
        Arguments.of(Kind.DETERMINISTIC, 2, "class A {\n  Object o = Set.copyOf(a);\n}"),
        Arguments.of(Kind.DETERMINISTIC, 2, "class A {\n  Object o = a.parallelStream();\n}"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void findsWhatBreaksARule(Kind kind, long line, String source) {
    List<Violation> violations = SourceStyle.violations("A.java", source, kind);
    assertEquals(List.of(line), violations.stream().map(Violation::line).toList(), source);
  }

  static Stream<Arguments> sound() {
    return Stream.of(
        Arguments.of(Kind.MAIN, "class Implicit { Object o = Map.of(); } // synchronized"),
        Arguments.of(
            Kind.MAIN, "class A {\n  // javac knows less\n  @SuppressWarnings(\"x\") A a;}"),
        Arguments.of(Kind.MAIN, "class A { void f() { Thread.sleep(1); } }"),
        Arguments.of(Kind.MAIN, "class A {\n  void f() {\n" + "\n".repeat(58) + "  }\n}"),
        Arguments.of(Kind.TEST, "class A {\n  void f() {\n" + "\n".repeat(98) + "  }\n}"),
        Arguments.of(Kind.MAIN, "record A(int x) { A { x++; } }"),
        Arguments.of(
            Kind.DETERMINISTIC,
            "class A { int f(S s) { return switch (s) { case B(var _) -> 1; case C _ -> 2; }; } }"),
        Arguments.of(Kind.DETERMINISTIC, "class A { Object o = List.of(new TreeMap<>()); }"));
  }

  @ParameterizedTest
  @MethodSource("sound")
  void leavesTheRestAlone(Kind kind, String source) {
    assertEquals(List.of(), SourceStyle.violations("A.java", source, kind));
  }

  @Test
  void knowsTheDeterministicPackages() {
    String main = "src/main/java/io/lockstep/";
    assertEquals(Kind.DETERMINISTIC, SourceStyle.kindOf(Path.of(main + "raft/RaftCore.java")));
    assertEquals(Kind.DETERMINISTIC, SourceStyle.kindOf(Path.of(main + "raft/node/A.java")));
    assertEquals(Kind.DETERMINISTIC, SourceStyle.kindOf(Path.of(main + "kv/store/A.java")));
    assertEquals(Kind.MAIN, SourceStyle.kindOf(Path.of(main + "raft/peer/A.java")));
    assertEquals(Kind.TEST, SourceStyle.kindOf(Path.of("src/test/java/io/lockstep/kv/A.java")));
  }

  @Test
  void readsFilesOfAllKinds() {
    assertTrue(
        SourceStyle.textViolations("a.md", "# Title\nsee /wo" + "rk/x\n").getFirst().line() == 2);
  }

  @Test
  void theRepositorysOwnTexts() {
    Path top = Path.of("").toAbsolutePath().getParent();
    SourceStyle.checkTexts(
        Stream.of("README.md", "CHANGELOG.md", "Makefile", "pom.xml", ".ci", "docs")
            .map(top::resolve)
            .toList());
  }
}
