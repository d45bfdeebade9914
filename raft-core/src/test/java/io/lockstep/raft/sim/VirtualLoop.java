package io.lockstep.raft.sim;

import io.lockstep.raft.node.Loop;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * The simulator's stand-in for a thread that runs tasks one after the other. Each task takes a
 * drawn time to run, and what it does happens at the end of that.
 */
public final class VirtualLoop implements Loop {
  private final Simulation simulation;
  private final SimClock clock;
  private final SimProcess process;
  private final Chance chance;
  private final LongSupplier taskNanos;
  private final Runnable afterEach;
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final Runnable wake = this::wake;
  private boolean running;
  private long stalledUntil;

  /**
   * Makes a loop of {@code process}.
   *
   * @param taskNanos draws how long a task takes
   * @param afterEach called after each task
   */
  VirtualLoop(
      Simulation simulation,
      SimClock clock,
      SimProcess process,
      Chance chance,
      LongSupplier taskNanos,
      Runnable afterEach) {
    this.simulation = simulation;
    this.clock = clock;
    this.process = process;
    this.chance = chance;
    this.taskNanos = taskNanos;
    this.afterEach = afterEach;
  }

  /** This loop runs nothing before {@code time}: its thread gets no processor. */
  void stallUntil(long time) {
    stalledUntil = Math.max(stalledUntil, time);
  }

  @Override
  public void execute(Runnable task) {
    if (!process.alive()) {
      return;
    }
    waiting.add(task);
    if (!running) {
      running = true;
      plan();
    }
  }

  @Override
  public void executeAfter(long delayNanos, Runnable task) {
    long late = chance.oneIn(8) ? chance.below(2_000_000L) : chance.below(50_000L);
    simulation.after(clock.trueNanos(delayNanos) + late, () -> execute(task));
  }

  private void plan() {
    simulation.at(earliest() + taskNanos.getAsLong(), wake);
  }

  private long earliest() {
    return process.runnable(Math.max(simulation.now(), stalledUntil));
  }

  private void wake() {
    if (!process.alive()) {
      waiting.clear();
      return;
    }
    long earliest = earliest();
    if (earliest > simulation.now()) {
      simulation.at(earliest, wake);
      return;
    }
    try {
      waiting.remove().run();
    } catch (Crash crash) {
      waiting.clear();
    }
    if (process.alive()) {
      afterEach.run();
    }
    running = !waiting.isEmpty();
    if (running) {
      plan();
    }
  }
}
