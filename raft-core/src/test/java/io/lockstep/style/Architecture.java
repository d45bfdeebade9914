package io.lockstep.style;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Who may know whom, as rules over class files. A rule takes the packages that it binds, so that it
 * can be shown to bite on a fixture that breaks it.
 */
public final class Architecture {
  private static final Pattern WALL_CLOCK_OR_CHANCE =
      Pattern.compile(
          "java\\.lang\\.System\\.(nanoTime|currentTimeMillis)"
              + "|java\\.lang\\.Math\\.random|java\\.util\\.UUID\\.randomUUID"
              + "|java\\.util\\.Collections\\.shuffle");
  private static final Pattern HASH_ORDERED_CALL =
      Pattern.compile(
          "java\\.util\\.Map\\.(of|ofEntries|copyOf)|java\\.util\\.Set\\.(of|copyOf)"
              + "|java\\.util\\.stream\\.Collectors\\.(toSet|toMap|groupingBy|partitioningBy"
              + "|toUnmodifiableSet|toUnmodifiableMap)");
  private static final Pattern PARALLEL_CALL =
      Pattern.compile("java\\.util\\.(.*\\.)?(parallelStream|parallel)");
  private static final Pattern CONFIGURATION =
      Pattern.compile(
          "java\\.lang\\.System\\.(getenv|getProperty|getProperties)"
              + "|java\\.lang\\.(Integer\\.getInteger|Long\\.getLong|Boolean\\.getBoolean)");
  private static final Pattern WAIT_FOR_A_FUTURE =
      Pattern.compile(
          "java\\.util\\.concurrent\\.(Future|CompletableFuture)\\.(get|join)"
              + "|io\\.vertx\\.core\\.Future\\.await");
  private static final Set<String> HASH_ORDERED_TYPES =
      Set.of(
          "java.util.HashMap",
          "java.util.HashSet",
          "java.util.IdentityHashMap",
          "java.util.WeakHashMap");
  private static final Set<String> CHANCE_OR_THREAD_TYPES =
      Set.of(
          "java.lang.Thread",
          "java.lang.ThreadLocal",
          "java.security.SecureRandom",
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.util.Timer");
  private static final Set<String> FILE_TYPES =
      Set.of(
          "java.io.File",
          "java.io.FileInputStream",
          "java.io.FileOutputStream",
          "java.io.FileReader",
          "java.io.FileWriter",
          "java.io.RandomAccessFile");

  private Architecture() {}

  /** The compiled main code of the module whose tests are running. */
  public static JavaClasses mainCode() {
    return new ClassFileImporter().importPath(Path.of("target", "classes"));
  }

  /** The compiled tests of the module whose tests are running. */
  public static JavaClasses testCode() {
    return new ClassFileImporter().importPath(Path.of("target", "test-classes"));
  }

  /** What holds for the main code of every module. */
  public static List<ArchRule> everywhere() {
    return List.of(noSynchronizedMethods(), noLocks());
  }

  /** Checks all rules, one after the other. */
  public static void check(JavaClasses classes, List<ArchRule> rules) {
    rules.forEach(rule -> rule.check(classes));
  }

  /** One owner a state: a monitor would be a second. Blocks are found in the source text. */
  public static ArchRule noSynchronizedMethods() {
    return noMethods()
        .should()
        .haveModifier(JavaModifier.SYNCHRONIZED)
        // A module that only describes itself so far has no methods.
        .allowEmptyShould(true)
        .because("each state has one owner");
  }

  /** No locks. {@code LockSupport} is none: it parks the calling thread. */
  public static ArchRule noLocks() {
    DescribedPredicate<JavaClass> locks =
        resideInAnyPackage("java.util.concurrent.locks")
            .and(not(named(Set.of("java.util.concurrent.locks.LockSupport"))))
            .as("locks");
    return noClasses().should().dependOnClassesThat(locks).because("each state has one owner");
  }

  /** The protocol is a function: no I/O, clock, thread, chance or undefined order. */
  public static List<ArchRule> protocol(String... packages) {
    return List.of(
        mayNotTouch(
            packages,
            resideInAnyPackage(
                "java.io..",
                "java.nio..",
                "java.net..",
                "java.time..",
                "java.util.concurrent..",
                "java.util.random..")),
        mayNotTouch(packages, named(CHANCE_OR_THREAD_TYPES)),
        mayNotTouch(packages, named(HASH_ORDERED_TYPES)),
        mayNotCall(packages, WALL_CLOCK_OR_CHANCE),
        mayNotCall(packages, HASH_ORDERED_CALL),
        mayNotCall(packages, PARALLEL_CALL));
  }

  /** A state machine is a function of the log: no thread, clock, file, socket, chance or order. */
  public static List<ArchRule> stateMachine(String... packages) {
    return List.of(
        mayNotTouch(
            packages,
            resideInAnyPackage(
                "java.nio.file..",
                "java.nio.channels..",
                "java.net..",
                "java.time..",
                "java.util.concurrent..",
                "java.util.random..")),
        mayNotTouch(packages, named(CHANCE_OR_THREAD_TYPES)),
        mayNotTouch(packages, named(FILE_TYPES)),
        mayNotTouch(packages, named(HASH_ORDERED_TYPES)),
        mayNotCall(packages, WALL_CLOCK_OR_CHANCE),
        mayNotCall(packages, HASH_ORDERED_CALL),
        mayNotCall(packages, PARALLEL_CALL));
  }

  /** Of the classes in {@code from}, only the packages and classes named may be known. */
  public static ArchRule knowsOnly(
      String[] packages, String from, String[] knownPackages, Set<String> knownClasses) {
    DescribedPredicate<JavaClass> known =
        resideInAnyPackage(knownPackages).or(namedOrNestedIn(knownClasses));
    return mayNotTouch(
        packages,
        resideInAnyPackage(from)
            .and(not(resideInAnyPackage(packages)))
            .and(not(known))
            .as("classes of " + from + " other than the contract"));
  }

  /** What lives in {@code library} is touched in the {@code allowed} packages and nowhere else. */
  public static ArchRule onlyIn(String library, String... allowed) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(allowed)
        .should()
        .dependOnClassesThat(resideInAnyPackage(library));
  }

  /** None of these packages is known at all. */
  public static ArchRule never(String... libraries) {
    return noClasses().should().dependOnClassesThat(resideInAnyPackage(libraries));
  }

  /** Options arrive as arguments: only the process reads its surroundings. */
  public static ArchRule readsNoConfiguration() {
    return mayNotCall(new String[] {".."}, CONFIGURATION);
  }

  /** A loop does not wait for a future; it is told. */
  public static ArchRule waitsForNoFuture() {
    return mayNotCall(new String[] {".."}, WAIT_FOR_A_FUTURE);
  }

  /** Threads are made by the process that wires the node. */
  public static ArchRule makesNoThreads() {
    return mayNotCall(
        new String[] {".."},
        Pattern.compile(
            "java\\.lang\\.Thread\\.(<init>|start|ofPlatform|ofVirtual|startVirtualThread)"
                + "|java\\.util\\.concurrent\\.Executors\\..*"));
  }

  private static ArchRule mayNotTouch(String[] packages, DescribedPredicate<JavaClass> what) {
    return noClasses().that().resideInAnyPackage(packages).should().dependOnClassesThat(what);
  }

  private static ArchRule mayNotCall(String[] packages, Pattern qualifiedName) {
    return noClasses()
        .that()
        .resideInAnyPackage(packages)
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "target matches " + qualifiedName,
                (JavaAccess<?> access) ->
                    qualifiedName
                        .matcher(
                            access.getTarget().getOwner().getName()
                                + "."
                                + access.getTarget().getName())
                        .matches()));
  }

  private static DescribedPredicate<JavaClass> named(Set<String> names) {
    return DescribedPredicate.describe(
        "one of " + names.stream().sorted().toList(), type -> names.contains(type.getName()));
  }

  private static DescribedPredicate<JavaClass> namedOrNestedIn(Set<String> names) {
    return DescribedPredicate.describe(
        "one of " + names.stream().sorted().toList(),
        type -> names.stream().anyMatch(name -> isOrNests(name, type.getName())));
  }

  private static boolean isOrNests(String name, String candidate) {
    return candidate.equals(name) || candidate.startsWith(name + "$");
  }
}
