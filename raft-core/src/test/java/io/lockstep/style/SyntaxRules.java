package io.lockstep.style;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.CaseTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.DefaultCaseLabelTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.PatternCaseLabelTree;
import com.sun.source.tree.SwitchExpressionTree;
import com.sun.source.tree.SwitchTree;
import com.sun.source.tree.SynchronizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import io.lockstep.style.SourceStyle.Kind;
import io.lockstep.style.SourceStyle.Violation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The rules that need a syntax tree. The compiler only parses: nothing is resolved. */
final class SyntaxRules {
  private static final int METHOD_LINES_MAX = 60;
  private static final int TEST_METHOD_LINES_MAX = 100;
  private static final Pattern VAGUE_NAME = Pattern.compile(".*(Impl|Manager|Helper|Utils?)");
  private static final Pattern SLEEP =
      Pattern.compile("(.*\\.)?(Thread|TimeUnit|[A-Z]*SECONDS|MINUTES)\\.sleep");
  private static final Set<String> HASH_ORDERED_TYPES =
      Set.of("HashMap", "HashSet", "IdentityHashMap", "WeakHashMap", "ConcurrentHashMap");
  private static final Pattern HASH_ORDERED_CALL =
      Pattern.compile(
          "(.*\\.)?(Map\\.(of|ofEntries|copyOf)|Set\\.(of|copyOf)"
              + "|Collectors\\.(toSet|toMap|groupingBy|partitioningBy|toUnmodifiable(Set|Map)))");
  private static final Pattern PARALLEL_CALL =
      Pattern.compile(".*\\.(parallelStream|parallel)", Pattern.DOTALL);

  private final String file;
  private final String source;
  private final Kind kind;
  private final List<String> lines;
  private final List<Violation> violations = new ArrayList<>();

  SyntaxRules(String file, String source, Kind kind) {
    this.file = file;
    this.source = source;
    this.kind = kind;
    this.lines = source.lines().toList();
  }

  List<Violation> violations() {
    JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
    JavacTask task =
        (JavacTask)
            compiler.getTask(
                null,
                null,
                problem -> report(problem.getLineNumber(), problem.getMessage(null)),
                List.of("-proc:none"),
                null,
                List.of(new SourceText(file, source)));
    SourcePositions positions = Trees.instance(task).getSourcePositions();
    try {
      task.parse().forEach(unit -> unit.accept(new Scanner(unit, positions), null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return violations;
  }

  private void report(long line, String rule) {
    violations.add(new Violation(file, line, rule));
  }

  private final class Scanner extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;

    Scanner(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    @Override
    public @Nullable Void visitClass(ClassTree tree, @Nullable Void unused) {
      if (VAGUE_NAME.matcher(tree.getSimpleName()).matches()) {
        report(lineOf(tree), "a type's name says what it is: " + tree.getSimpleName());
      }
      return super.visitClass(tree, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree tree, @Nullable Void unused) {
      int max = kind == Kind.TEST ? TEST_METHOD_LINES_MAX : METHOD_LINES_MAX;
      long end = positions.getEndPosition(unit, tree);
      // A record's canonical constructor is in the tree even when it is not in the text.
      long length = end < 0 ? 0 : unit.getLineMap().getLineNumber(end) - lineOf(tree) + 1;
      if (length > max) {
        report(lineOf(tree), "a method has at most " + max + " lines, this one " + length);
      }
      return super.visitMethod(tree, null);
    }

    @Override
    public @Nullable Void visitModifiers(ModifiersTree tree, @Nullable Void unused) {
      if (tree.getFlags().contains(Modifier.SYNCHRONIZED)) {
        report(lineOf(tree), "one owner a state, no locks: synchronized method");
      }
      return super.visitModifiers(tree, null);
    }

    @Override
    public @Nullable Void visitSynchronized(SynchronizedTree tree, @Nullable Void unused) {
      report(lineOf(tree), "one owner a state, no locks: synchronized block");
      return super.visitSynchronized(tree, null);
    }

    @Override
    public @Nullable Void visitAnnotation(AnnotationTree tree, @Nullable Void unused) {
      String name = lastPart(tree.getAnnotationType().toString());
      if (name.startsWith("Disabled")) {
        report(lineOf(tree), "no disabled tests");
      }
      if (name.equals("SuppressWarnings") && !hasReason(lineOf(tree))) {
        report(lineOf(tree), "a suppression has its reason in a // comment beside or above it");
      }
      return super.visitAnnotation(tree, null);
    }

    @Override
    public @Nullable Void visitIdentifier(IdentifierTree tree, @Nullable Void unused) {
      checkType(tree, tree.getName().toString());
      return super.visitIdentifier(tree, null);
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree tree, @Nullable Void unused) {
      String text = tree.toString();
      checkType(tree, tree.getIdentifier().toString());
      if (kind == Kind.TEST && SLEEP.matcher(text).matches()) {
        report(lineOf(tree), "a test waits for a condition with a bound, it does not sleep");
      }
      if (kind == Kind.DETERMINISTIC && HASH_ORDERED_CALL.matcher(text).matches()) {
        report(lineOf(tree), "iteration order is undefined: " + text);
      }
      if (kind == Kind.DETERMINISTIC && PARALLEL_CALL.matcher(text).matches()) {
        report(lineOf(tree), "no parallel streams");
      }
      return super.visitMemberSelect(tree, null);
    }

    @Override
    public @Nullable Void visitSwitch(SwitchTree tree, @Nullable Void unused) {
      checkCases(tree.getCases());
      return super.visitSwitch(tree, null);
    }

    @Override
    public @Nullable Void visitSwitchExpression(SwitchExpressionTree tree, @Nullable Void unused) {
      checkCases(tree.getCases());
      return super.visitSwitchExpression(tree, null);
    }

    private void checkCases(List<? extends CaseTree> cases) {
      boolean patterns = false;
      @Nullable Tree defaultLabel = null;
      for (CaseTree oneCase : cases) {
        for (Tree label : oneCase.getLabels()) {
          patterns |= label instanceof PatternCaseLabelTree;
          if (label instanceof DefaultCaseLabelTree) {
            defaultLabel = oneCase;
          }
        }
      }
      if (kind != Kind.TEST && patterns && defaultLabel != null) {
        report(lineOf(defaultLabel), "a switch over variants has no default");
      }
    }

    private void checkType(Tree tree, String simpleName) {
      if (kind == Kind.DETERMINISTIC && HASH_ORDERED_TYPES.contains(simpleName)) {
        report(lineOf(tree), "iteration order is undefined: " + simpleName);
      }
    }

    private boolean hasReason(long line) {
      int index = (int) line - 1;
      return lines.get(index).contains("//") || (index > 0 && lines.get(index - 1).contains("//"));
    }

    private long lineOf(Tree tree) {
      return unit.getLineMap().getLineNumber(positions.getStartPosition(unit, tree));
    }

    private static String lastPart(String qualified) {
      return qualified.substring(qualified.lastIndexOf('.') + 1);
    }
  }

  private static final class SourceText extends SimpleJavaFileObject {
    private final String text;

    SourceText(String file, String text) {
      super(
          URI.create("string:///" + file.replace('\\', '/').replace(' ', '_')),
          JavaFileObject.Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
