package io.lockstep.raft.sim;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** The processor time of threads: what a run costs, however much else the machine has to do. */
final class ProcessorTime {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private ProcessorTime() {}

  /** Nanoseconds of processor time that the calling thread has had. */
  static long nanos() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
