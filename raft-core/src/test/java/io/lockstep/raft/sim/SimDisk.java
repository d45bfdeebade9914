package io.lockstep.raft.sim;

import io.lockstep.raft.HardState;
import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.journal.Segment;
import io.lockstep.raft.journal.SegmentStore;
import io.lockstep.raft.journal.file.SnapshotDirectory;
import io.lockstep.raft.storage.HardStateStore;
import io.lockstep.raft.storage.Repair;
import io.lockstep.raft.storage.RepairStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The disk of one machine. It outlives the processes that use it; {@link #segments} and {@link
 * #hardState} give each of them its own way to it.
 *
 * <p>Operations take no time here: what they take is drawn before the task of the log loop that
 * does them ({@link #operationNanos}). A crash may come before or after any one of them.
 */
public final class SimDisk {
  private final Simulation simulation;
  private final Chance chance;
  private final long forceNanos;
  private final Map<Long, SimFile> files = new TreeMap<>();
  private final SimFiles snapshots = new SimFiles();
  private HardState hardState = HardState.INITIAL;
  private @Nullable Repair repair;
  private long slowUntil;
  private long slowNanos;
  private boolean full;
  private boolean used;
  private boolean forcesFail;
  private long forces;
  private int untilCrash = -1;
  private @Nullable Runnable crash;

  /**
   * Makes an empty disk.
   *
   * @param forceNanos what a force typically takes
   */
  public SimDisk(Simulation simulation, Chance chance, long forceNanos) {
    this.simulation = simulation;
    this.chance = chance;
    this.forceNanos = forceNanos;
  }

  /** Each force takes {@code nanos} more until {@code time}. */
  void slow(long nanos, long time) {
    slowNanos = nanos;
    slowUntil = time;
  }

  /** Whether there is no room for another segment. */
  void full(boolean now) {
    full = now;
  }

  /** From now on every force fails, until the process that uses the disk is gone. */
  void failForces() {
    forcesFail = true;
  }

  /** Before or after the {@code operations}th operation from now, {@code how} ends the process. */
  void crashAfter(int operations, Runnable how) {
    untilCrash = operations;
    crash = how;
  }

  boolean isFull() {
    return full;
  }

  boolean forcesFail() {
    return forcesFail;
  }

  /** A process has finished its first start on this disk. */
  void used() {
    used = true;
  }

  boolean wasUsed() {
    return used;
  }

  /** Forces so far. */
  public long forces() {
    return forces;
  }

  /** What is durable of term and vote. */
  public HardState hardState() {
    return hardState;
  }

  /** The process that used the disk is gone; what it wrote stays. */
  void kill() {
    forcesFail = false;
    crash = null;
  }

  /** The machine lost its power. */
  void cutPower() {
    kill();
    files.values().forEach(file -> file.cutPower(chance));
    snapshots.cutPower(chance);
  }

  /** What a task of the log loop takes this time. */
  long operationNanos() {
    long nanos = chance.delay(forceNanos);
    return simulation.now() < slowUntil ? nanos + chance.delay(slowNanos) : nanos;
  }

  /** The log's segments, as {@code process} uses them. */
  SegmentStore segments(SimProcess process) {
    return new Store(process);
  }

  /** The directory of snapshots, as {@code process} uses it. */
  public SnapshotDirectory snapshots(SimProcess process) {
    return new SimSnapshotDirectory(this, process, snapshots);
  }

  /** Term and vote, as {@code process} uses them. */
  HardStateStore hardState(SimProcess process) {
    return new HardStateStore() {
      @Override
      public HardState load() {
        return hardState;
      }

      @Override
      public void save(HardState saved) throws IOException {
        failIfForcesDo();
        operation(process, () -> hardState = saved);
      }
    };
  }

  /** The mark of a repair, as {@code process} uses it. */
  RepairStore repairs(SimProcess process) {
    return new RepairStore() {
      @Override
      public @Nullable Repair load() {
        return repair;
      }

      @Override
      public void begin(Repair begun) throws IOException {
        failIfForcesDo();
        operation(process, () -> repair = begun);
      }

      @Override
      public void end() throws IOException {
        failIfForcesDo();
        operation(process, () -> repair = null);
      }
    };
  }

  void failIfForcesDo() throws IOException {
    if (forcesFail) {
      throw new IOException("simulated: the force failed");
    }
  }

  /** Runs {@code effect} unless the process is dead or dies before it. */
  void operation(SimProcess process, Runnable effect) {
    boolean dies = crash != null && untilCrash-- <= 0;
    if (dies && chance.oneIn(2)) {
      die();
    }
    if (!process.alive()) {
      throw new Crash();
    }
    effect.run();
    if (dies) {
      die();
    }
    if (!process.alive()) {
      throw new Crash();
    }
  }

  private void die() {
    Runnable how = crash;
    crash = null;
    if (how != null) {
      how.run();
    }
  }

  private final class Store implements SegmentStore {
    private final SimProcess process;

    Store(SimProcess process) {
      this.process = process;
    }

    @Override
    public long[] list() {
      return files.keySet().stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public AppendableSegment create(long number, int blockBytes) throws IOException {
      if (full) {
        throw new NoSpaceException("the simulated disk is full");
      }
      SimFile file = new SimFile(number, blockBytes);
      operation(process, () -> files.put(number, file));
      return new OpenFile(process, file);
    }

    @Override
    public Segment open(long number) throws IOException {
      SimFile file = files.get(number);
      if (file == null) {
        throw new IOException("no segment " + number);
      }
      return new OpenFile(process, file);
    }

    @Override
    public void delete(long number) {
      operation(process, () -> files.remove(number));
    }

    @Override
    public String describe(long number) {
      return "simulated segment " + number;
    }

    @Override
    public void close() {}
  }

  /** A file as one process has it open. */
  private final class OpenFile implements AppendableSegment {
    private final SimProcess process;
    private final SimFile file;
    private int end;

    OpenFile(SimProcess process, SimFile file) {
      this.process = process;
      this.file = file;
    }

    @Override
    public long number() {
      return file.number;
    }

    @Override
    public long length() {
      return file.length();
    }

    @Override
    public int remaining() {
      return file.length() - end;
    }

    @Override
    public int append(ByteBuffer records) {
      byte[] data = new byte[records.remaining()];
      records.get(data);
      int position = end;
      operation(process, () -> file.write(position, data));
      end += data.length;
      return position;
    }

    @Override
    public int read(long position, ByteBuffer target) {
      int length = (int) Math.min(target.remaining(), file.length() - position);
      if (length <= 0) {
        return 0;
      }
      target.put(file.bytes(), (int) position, length);
      return length;
    }

    @Override
    public void force() throws IOException {
      forces++;
      if (forcesFail) {
        file.failForce();
      }
      failIfForcesDo();
      operation(process, file::force);
    }

    @Override
    public void rewrite(long from, long toExclusive) throws IOException {
      byte[] data = new byte[(int) (toExclusive - from)];
      System.arraycopy(file.bytes(), (int) from, data, 0, data.length);
      operation(process, () -> file.write((int) from, data));
      force();
    }

    @Override
    public void seal() {}

    @Override
    public void close() {}
  }
}
