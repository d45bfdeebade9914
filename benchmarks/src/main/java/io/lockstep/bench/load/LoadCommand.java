package io.lockstep.bench.load;

import io.lockstep.bench.load.LoadRun.Plan;
import io.lockstep.bench.load.LoadRun.Result;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts load on running nodes and prints what came out, one line a run. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    description = "Puts load on running nodes and prints throughput and latencies.")
public final class LoadCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--nodes", split = ",", required = true, description = "host:port,...")
  private List<String> nodes = List.of();

  @Option(names = "--work", defaultValue = "PUT", description = "${COMPLETION-CANDIDATES}")
  private Work.Kind kind = Work.Kind.PUT;

  @Option(names = "--clients", defaultValue = "64", description = "keep-alive connections")
  private int clients = 64;

  @Option(names = "--rate", defaultValue = "0", description = "requests/s; 0 is a closed loop")
  private int rate;

  @Option(names = "--fill", description = "write every key once, and measure nothing")
  private boolean fill;

  @Option(names = "--keys", defaultValue = "1000", description = "number of keys")
  private int keys = 1_000;

  @Option(names = "--value-bytes", defaultValue = "256", description = "length of a value")
  private int valueBytes = 256;

  @Option(names = "--count", defaultValue = "1", description = "ids that a call takes")
  private int count = 1;

  @Option(names = "--warmup", defaultValue = "5", description = "seconds before measuring")
  private int warmup = 5;

  @Option(names = "--seconds", defaultValue = "10", description = "seconds measured")
  private int seconds = 10;

  @Option(names = "--seed", defaultValue = "1", description = "of keys and values")
  private long seed = 1;

  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new LoadCommand())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .execute(arguments));
  }

  @Override
  public Integer call() {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setPreferNativeTransport(true).setEventLoopPoolSize(1));
    try {
      Work work = new Work(kind, keys, valueBytes, count, seed);
      if (kind == Work.Kind.GET) {
        Filler.fill(vertx, nodes, work, 1);
      }
      if (fill) {
        Filler.fill(vertx, nodes, work, clients);
        return 0;
      }
      Result result = LoadRun.run(vertx, new Plan(nodes, work, clients, rate, warmup, seconds));
      print(result);
      return result.latencies().getTotalCount() > 0 ? 0 : 1;
    } finally {
      vertx.close();
    }
  }

  private void print(Result result) {
    PrintWriter out = java.util.Objects.requireNonNull(spec).commandLine().getOut();
    out.printf(
        "%s %s clients=%d value=%dB keys=%d measured=%ds ops/s=%.0f p50=%.2fms p99=%.2fms"
            + " p99.9=%.2fms max=%.2fms statuses=%s%s%s%n",
        kind,
        rate == 0 ? "closed" : "open@" + rate + "/s",
        clients,
        valueBytes,
        keys,
        seconds,
        result.perSecond(),
        millis(result, 50),
        millis(result, 99),
        millis(result, 99.9),
        result.latencies().getMaxValue() / 1_000.0,
        result.statuses(),
        idsOf(result),
        result.parts().slowest());
    out.flush();
  }

  private String idsOf(Result result) {
    return kind == Work.Kind.IDS
        ? String.format(Locale.ROOT, " count=%d ids/s=%.0f", count, count * result.perSecond())
        : "";
  }

  private static double millis(Result result, double percentile) {
    return result.latencies().getValueAtPercentile(percentile) / 1_000.0;
  }
}
