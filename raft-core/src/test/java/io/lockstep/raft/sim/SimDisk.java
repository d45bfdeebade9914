package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.HardState;
import io.lockstep.raft.bytes.Bytes;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
  private static final int SECTOR = 512;

  private final Simulation simulation;
  private final Chance chance;
  private final long forceNanos;
  private final Map<Long, SimFile> files = new TreeMap<>();
  private final SimFiles snapshots = new SimFiles();
  private HardState hardState = HardState.INITIAL;
  private @Nullable Repair repair;
  private @Nullable SimFile rottenFile;
  private SimFiles.@Nullable Content rottenSnapshot;
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

  /** Whether what it holds was altered, and no start has found and marked that, or still has to. */
  boolean isUnsound() {
    return isRotten() || repair != null;
  }

  /** Whether what it holds was altered. */
  boolean isRotten() {
    SimFile file = rottenFile;
    SimFiles.Content content = rottenSnapshot;
    return file != null && files.containsValue(file) || content != null && snapshots.holds(content);
  }

  /** A start has opened the log: what was wrong with it is behind it, or was where nothing lies. */
  void opened() {
    rottenFile = null;
  }

  /**
   * Alters a bit or a sector of the log, or a snapshot, as a disk does that nobody looks at.
   * Returns false, and leaves all as it is, where nobody could tell.
   */
  boolean rot(Chance chance, Bytes owner) {
    return chance.oneIn(3) ? rotSnapshot(chance) : rotLog(chance, owner);
  }

  private boolean rotSnapshot(Chance chance) {
    List<String> names =
        snapshots.names().stream().filter(name -> name.endsWith(".snapshot")).toList();
    if (names.isEmpty()) {
      return false;
    }
    SimFiles.Content content = Objects.requireNonNull(snapshots.find(names.getLast()));
    byte[] bytes = content.bytes();
    int at = chance.below(bytes.length);
    if (chance.oneIn(3)) {
      content.rot(Arrays.copyOf(bytes, at));
    } else {
      byte[] others = bytes.clone();
      others[at] ^= (byte) (1 << chance.below(8));
      content.rot(others);
    }
    rottenSnapshot = content;
    return true;
  }

  private boolean rotLog(Chance chance, Bytes owner) {
    if (files.isEmpty()) {
      return false;
    }
    List<SimFile> all = List.copyOf(files.values());
    SimFile file = all.get(chance.below(all.size()));
    boolean sector = chance.oneIn(3);
    int at = chance.below(chance.oneIn(4) ? file.length() : Math.min(file.length(), 4_000));
    int from = sector ? at / SECTOR * SECTOR : at;
    byte[] before = file.stable(from, sector ? SECTOR : 1);
    byte[] seen = Arrays.copyOfRange(file.bytes(), from, from + before.length);
    byte[] others = before.clone();
    for (int i = 0; i < others.length; i++) {
      others[i] = sector ? 0 : (byte) (others[i] ^ 1 << chance.below(8));
    }
    List<Entry> whole = SimRot.found(stableCopy().segments(new SimProcess(0, 0)), owner);
    file.rot(from, others);
    List<Entry> left = SimRot.found(stableCopy().segments(new SimProcess(0, 0)), owner);
    if (whole != null && left != null && !left.equals(whole)) {
      file.rot(from, before);
      System.arraycopy(seen, 0, file.bytes(), from, seen.length);
      return false;
    }
    rottenFile = file;
    return true;
  }

  private SimDisk stableCopy() {
    SimDisk copy = new SimDisk(simulation, chance, forceNanos);
    files.forEach((number, file) -> copy.files.put(number, file.stableCopy()));
    return copy;
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
