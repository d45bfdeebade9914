package io.lockstep.raft.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Many runs, each in one thread, on several threads.
 *
 * @param runs that were made
 * @param events in all of them
 * @param operations of callers that were answered
 * @param faults that were made to happen
 * @param seconds it took
 * @param failed runs, by seed
 */
public record SimSuite(
    long runs,
    long events,
    long operations,
    FaultTally faults,
    double seconds,
    List<RunReport> failed) {
  private static final int FAILURES_MAX = 20;

  /** Runs {@code count} seeds from {@code first} on; ends early after some failures. */
  public static SimSuite of(
      Scenario scenario, long first, long count, int threads, Consumer<RunReport> each) {
    AtomicLong next = new AtomicLong(first);
    List<Worker> workers = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      Worker worker = new Worker(scenario, next, first + count, each);
      worker.thread.start();
      workers.add(worker);
    }
    SimSuite sum = new SimSuite(0, 0, 0, new FaultTally(), 0, List.of());
    for (Worker worker : workers) {
      sum = sum.plus(worker.finished());
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new SimSuite(sum.runs, sum.events, sum.operations, sum.faults, seconds, sum.failed);
  }

  private SimSuite plus(SimSuite other) {
    FaultTally both = new FaultTally();
    both.add(faults);
    both.add(other.faults);
    List<RunReport> all = new ArrayList<>(failed);
    all.addAll(other.failed);
    return new SimSuite(
        runs + other.runs, events + other.events, operations + other.operations, both, 0, all);
  }

  private static final class Worker {
    private final Scenario scenario;
    private final AtomicLong next;
    private final long end;
    private final Consumer<RunReport> each;
    private final Thread thread = new Thread(this::work, "simulation");
    private final List<RunReport> failed = new ArrayList<>();
    private long runs;
    private long events;
    private long operations;
    private final FaultTally faults = new FaultTally();

    Worker(Scenario scenario, AtomicLong next, long end, Consumer<RunReport> each) {
      this.scenario = scenario;
      this.next = next;
      this.end = end;
      this.each = each;
    }

    private void work() {
      long seed;
      while ((seed = next.getAndIncrement()) < end && failed.size() < FAILURES_MAX) {
        RunReport report = scenario.run(seed);
        runs++;
        events += report.events();
        operations += report.operations();
        faults.add(report.faults());
        if (!report.passed()) {
          failed.add(report);
        }
        each.accept(report);
      }
    }

    private SimSuite finished() {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return new SimSuite(runs, events, operations, faults, 0, failed);
    }
  }

  /** In one line. */
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%d runs, %d failed; %.1f M events, %d operations in %.1f s; %.1f M events/min; faults: %s",
        runs,
        failed.size(),
        events / 1e6,
        operations,
        seconds,
        events / 1e6 * 60 / seconds,
        faults);
  }

  /** What to do about the first failure: its seed, plan, last lines, and how to see it again. */
  public String firstFailure(Scenario scenario) {
    RunReport first = failed.stream().min((a, b) -> Long.compare(a.seed(), b.seed())).orElseThrow();
    return describe(scenario, first);
  }

  static String describe(Scenario scenario, RunReport failure) {
    RunReport shrunk = Shrink.of(scenario, failure, PlantedBug.NONE);
    StringBuilder text = new StringBuilder();
    text.append("\nseed ").append(failure.seed()).append(" of '").append(scenario.name());
    text.append("': ").append(failure.violation());
    text.append("\nplan: ").append(failure.plan());
    text.append("\nfails as well with: ").append(shrunk.plan());
    text.append("\ncommit: ").append(System.getProperty("lockstep.commit", "not known"));
    text.append("\nlast lines:\n");
    failure.lastLines().forEach(line -> text.append("  ").append(line).append('\n'));
    text.append("replay: bin/lockstep-sim --seed ").append(failure.seed());
    return text.append(" --level ").append(scenario.name()).append('\n').toString();
  }
}
