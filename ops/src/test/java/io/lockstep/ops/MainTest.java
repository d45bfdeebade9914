package io.lockstep.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The program's commands. */
class MainTest {
  @Test
  void theVersionIsACommandAndAnOption() {
    assertEquals(0, Main.run(new String[] {"version"}));
    assertEquals(0, Main.run(new String[] {"--version"}));
  }

  @Test
  void anUnknownCommandIsWrongUsage() {
    assertEquals(ExitCode.USAGE.status(), Main.run(new String[] {"verison"}));
  }
}
