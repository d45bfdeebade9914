package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SimulationTimeTest {
  private static List<Integer> orderOfOneMoment(long seed) {
    Simulation simulation = new Simulation(seed, null);
    List<Integer> order = new ArrayList<>();
    IntStream.range(0, 50).forEach(i -> simulation.at(5, () -> order.add(i)));
    while (simulation.step(5)) {
      assertEquals(5, simulation.now());
    }
    return order;
  }

  @Test
  void eventsComeInTheOrderOfTimeAndTiesInTheOrderOfTheSeed() {
    assertEquals(orderOfOneMoment(1), orderOfOneMoment(1));
    assertNotEquals(orderOfOneMoment(1), orderOfOneMoment(2));
    Simulation simulation = new Simulation(1, null);
    List<Long> times = new ArrayList<>();
    Chance chance = new Chance(3);
    for (int i = 0; i < 5_000; i++) {
      long at = chance.below(1_000);
      simulation.at(at, () -> times.add(simulation.now()));
    }
    while (simulation.step(2_000)) {
      assertTrue(simulation.events() <= 5_000);
    }
    assertEquals(5_000, times.size());
    assertEquals(times.stream().sorted().toList(), times);
    assertEquals(2_000, simulation.now());
  }

  private static VirtualLoop loop(Simulation simulation, SimProcess process) {
    SimClock clock = new SimClock(simulation, 0, 0);
    Chance chance = new Chance(9);
    return new VirtualLoop(simulation, clock, process, chance, () -> chance.delay(10), () -> {});
  }

  private static void runUntil(Simulation simulation, long time) {
    while (simulation.step(time)) {
      assertTrue(simulation.now() <= time);
    }
  }

  @Test
  void aLoopKeepsTheOrderOfItsTasksAndTakesTimeForThem() {
    Simulation simulation = new Simulation(1, null);
    VirtualLoop loop = loop(simulation, new SimProcess(0, 1));
    List<Integer> ran = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i;
      loop.execute(() -> ran.add(number));
    }
    assertTrue(ran.isEmpty(), "nothing runs within the call");
    runUntil(simulation, 400);
    assertFalse(ran.size() == 100, "a hundred tasks take longer than that");
    runUntil(simulation, 1_000_000);
    assertEquals(IntStream.range(0, 100).boxed().toList(), ran);
  }

  @Test
  void aStoppedProcessRunsNothingAndADeadOneNeverAgain() {
    Simulation simulation = new Simulation(1, null);
    SimProcess process = new SimProcess(0, 1);
    VirtualLoop loop = loop(simulation, process);
    List<Long> ran = new ArrayList<>();
    process.stopUntil(5_000_000);
    loop.execute(() -> ran.add(simulation.now()));
    loop.executeAfter(1_000, () -> ran.add(simulation.now()));
    runUntil(simulation, 4_999_999);
    assertTrue(ran.isEmpty());
    runUntil(simulation, 9_000_000);
    assertEquals(2, ran.size());
    assertTrue(ran.getFirst() >= 5_000_000);
    loop.execute(() -> ran.add(simulation.now()));
    process.end();
    runUntil(simulation, 20_000_000);
    assertEquals(2, ran.size());
  }

  @Test
  void clocksDriftAndTheirTimersWithThem() {
    Simulation simulation = new Simulation(1, null);
    SimClock fast = new SimClock(simulation, 77, 10_000);
    assertEquals(77, fast.nanoTime());
    runUntil(simulation, 1_000_000_000);
    assertEquals(77 + 1_010_000_000L, fast.nanoTime());
    assertTrue(Math.abs(fast.trueTimeOf(fast.nanoTime()) - 1_000_000_000L) < 2_000);
    assertEquals(990_000_000L, fast.trueNanos(1_000_000_000));
  }
}
