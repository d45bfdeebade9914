package io.lockstep.ops.process;

import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a running {@link FaultyCluster} of the size that their class names. Classes of one
 * size that follow on each other share it, as starting nodes takes longer than most tests; each
 * test gets it whole: all links healed, all nodes ready.
 */
final class SharedCluster implements ParameterResolver, AfterEachCallback {
  private static final Namespace NAMESPACE = Namespace.create(SharedCluster.class);
  private static final long SEED = 1;

  /** How many nodes the tests of a class need. */
  @Target(ElementType.TYPE)
  @Retention(RetentionPolicy.RUNTIME)
  @interface Nodes {
    int value();
  }

  /** What is left in the store of the whole test run, which closes it at its end. */
  private static final class Kept implements AutoCloseable {
    private @Nullable FaultyCluster cluster;

    FaultyCluster ofSize(int size) throws IOException {
      if (cluster != null && cluster.nodes.size() != size) {
        close();
      }
      if (cluster == null) {
        Path directory = Files.createTempDirectory("lockstep-stories");
        cluster = FaultyCluster.started(size, directory, SEED);
      }
      return cluster;
    }

    @Override
    public void close() throws IOException {
      FaultyCluster ending = cluster;
      cluster = null;
      if (ending != null) {
        ending.close();
        IdentityIT.delete(ending.local.directory);
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
    int size = context.getRequiredTestClass().getAnnotation(Nodes.class).value();
    try {
      FaultyCluster cluster = kept(context).ofSize(size);
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
    if (context.getExecutionException().isPresent()) {
      kept.close();
    } else if (kept.cluster != null) {
      kept.cluster.healLinks();
    }
  }
}
