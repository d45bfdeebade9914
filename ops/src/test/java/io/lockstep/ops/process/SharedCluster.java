package io.lockstep.ops.process;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Gives tests a running {@link FaultyCluster} of the size that their class names. Classes of one
 * size share it, as starting nodes takes longer than most tests; each test gets it whole: all links
 * healed, all nodes ready.
 */
final class SharedCluster implements ParameterResolver, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(SharedCluster.class);
  private static final long SEED = 1;

  /** How many nodes the tests of a class need. Such classes follow on each other. */
  @Target(ElementType.TYPE)
  @Retention(RetentionPolicy.RUNTIME)
  @Execution(ExecutionMode.SAME_THREAD)
  @interface Nodes {
    int value();
  }

  /** What is left in the store of the whole test run, which closes it at its end. */
  private static final class Kept implements AutoCloseable {
    private final SortedMap<Integer, FaultyCluster> clusters = new TreeMap<>();

    FaultyCluster ofSize(int size) throws IOException {
      FaultyCluster cluster = clusters.get(size);
      if (cluster == null) {
        Path directory = Files.createTempDirectory("lockstep-stories");
        cluster = FaultyCluster.started(size, directory, SEED);
        clusters.put(size, cluster);
      }
      return cluster;
    }

    void end(int size) throws IOException {
      FaultyCluster ending = clusters.remove(size);
      if (ending != null) {
        ending.close();
        IdentityIT.delete(ending.local.directory);
      }
    }

    @Override
    public void close() throws IOException {
      for (Integer size : List.copyOf(clusters.keySet())) {
        end(size);
      }
    }
  }

  private static Kept kept(ExtensionContext context) {
    return context.getRoot().getStore(NAMESPACE).getOrComputeIfAbsent(Kept.class);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == FaultyCluster.class;
  }

  @Override
  public FaultyCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
    try {
      FaultyCluster cluster = kept(context).ofSize(size(context));
      cluster.awaitReady();
      return cluster;
    } catch (IOException e) {
      throw new AssertionError("no cluster", e);
    }
  }

  /** A test that failed may have left anything behind: the next one gets another cluster. */
  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    Kept kept = kept(context);
    FaultyCluster used = kept.clusters.get(size(context));
    if (context.getExecutionException().isPresent()) {
      kept.end(size(context));
    } else if (used != null) {
      used.healLinks();
    }
  }

  private static int size(ExtensionContext context) {
    return context.getRequiredTestClass().getAnnotation(Nodes.class).value();
  }
}
