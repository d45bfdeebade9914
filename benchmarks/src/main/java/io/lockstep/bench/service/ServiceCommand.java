package io.lockstep.bench.service;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs one scenario against running nodes and prints what came out in one line. */
@Command(
    name = "service",
    mixinStandardHelpOptions = true,
    description = "Measures locks, watches and leases.")
public final class ServiceCommand implements Callable<Integer> {
  /** What can be measured. */
  private enum Scenario {
    LOCKS,
    ONE_LOCK,
    WATCHES,
    RENEWALS,
    ENDS
  }

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--nodes", split = ",", required = true, description = "host:port,...")
  private List<String> nodes = List.of();

  @Option(names = "--scenario", required = true, description = "${COMPLETION-CANDIDATES}")
  private Scenario scenario = Scenario.LOCKS;

  @Option(names = "--clients", defaultValue = "64", description = "of locks")
  private int clients = 64;

  @Option(names = "--watchers", defaultValue = "1000", description = "of one key")
  private int watchers = 1_000;

  @Option(names = "--others", defaultValue = "0", description = "watches of other keys")
  private int others;

  @Option(names = "--rate", defaultValue = "60", description = "puts/s of the watched key")
  private int rate = 60;

  @Option(names = "--leases", defaultValue = "50000", description = "how many")
  private int leases = 50_000;

  @Option(names = "--every", defaultValue = "5", description = "seconds between renewals")
  private int every = 5;

  @Option(names = "--end-in", defaultValue = "60", description = "seconds until leases may end")
  private int endIn = 60;

  @Option(names = "--bulk", defaultValue = "1", description = "leases in one renewal")
  private int bulk = 1;

  @Option(names = "--warmup", defaultValue = "5", description = "seconds before measuring")
  private int warmup = 5;

  @Option(names = "--seconds", defaultValue = "10", description = "seconds measured")
  private int seconds = 10;

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new ServiceCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    try {
      Future<String> result =
          Future.future(
              promise ->
                  vertx.getOrCreateContext().runOnContext(on -> run(vertx).onComplete(promise)));
      print(result.toCompletionStage().toCompletableFuture().get());
      return 0;
    } finally {
      vertx.close();
    }
  }

  private Future<String> run(Vertx vertx) {
    return switch (scenario) {
      case LOCKS -> LockCycles.run(vertx, nodes, clients, false, warmup, seconds);
      case ONE_LOCK -> LockCycles.run(vertx, nodes, clients, true, warmup, seconds);
      case WATCHES ->
          WatchFanOut.run(
              vertx, nodes, new WatchFanOut.Plan(watchers, others, rate, warmup, seconds));
      case RENEWALS ->
          LeaseRenewals.run(
              vertx,
              nodes,
              new LeaseRenewals.Plan(leases, every, bulk, warmup, seconds),
              () -> print("all leases are there"));
      case ENDS -> LeaseEnds.run(vertx, nodes, leases, endIn);
    };
  }

  private void print(String line) {
    java.io.PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
