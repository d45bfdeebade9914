package io.lockstep.ops;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Puts a thread behind the others where the processor is short: what it does takes long, and nobody
 * waits for it. Java's own thread priorities do nothing on Linux unless the process may raise them,
 * too; lowering one needs no right.
 */
final class BackgroundPriority {
  /** Of 19: under full load the thread gets a tenth of what another gets, and is not starved. */
  private static final int NICE = 10;

  private static final int PRIO_PROCESS = 0;

  private BackgroundPriority() {}

  /**
   * Lowers the calling platform thread, for good. Only Linux lets a single thread have a priority
   * (setpriority(2), "C library/kernel differences"): elsewhere nothing is done.
   *
   * @return whether it is lower now
   */
  static boolean lower() {
    if (!"Linux".equals(System.getProperty("os.name"))) {
      return false;
    }
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> call = linker.defaultLookup().find("setpriority");
    return call.isPresent() && lower(linker, call.get());
  }

  @SuppressWarnings("restricted") // the signature is setpriority(2)'s, and no memory is passed
  private static boolean lower(Linker linker, MemorySegment call) {
    ValueLayout.OfInt number = ValueLayout.JAVA_INT;
    MethodHandle setPriority =
        linker.downcallHandle(call, FunctionDescriptor.of(number, number, number, number));
    int callingThread = 0;
    try {
      return (int) setPriority.invokeExact(PRIO_PROCESS, callingThread, NICE) == 0;
    } catch (Throwable e) {
      throw new IllegalStateException("a call with three numbers does not throw", e);
    }
  }
}
