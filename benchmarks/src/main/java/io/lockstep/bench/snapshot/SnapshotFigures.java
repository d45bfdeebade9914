package io.lockstep.bench.snapshot;

import io.lockstep.kv.KvStateMachine;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * Prints how long a snapshot of many keys takes to write and to restore, and its bytes. Arguments:
 * a directory on the disk in question; how many keys (1,000,000); bytes of a value (100).
 */
public final class SnapshotFigures {
  private static final int ROUNDS = 3;
  private static final double NANOS_PER_SECOND = 1e9;
  private static final double BYTES_PER_MIB = 1 << 20;

  private SnapshotFigures() {}

  public static void main(String[] args) throws IOException {
    Path directory = Files.createTempDirectory(Path.of(args[0]), "snapshots");
    int keys = args.length > 1 ? Integer.parseInt(args[1]) : 1_000_000;
    int valueBytes = args.length > 2 ? Integer.parseInt(args[2]) : 100;
    KvStateMachine machine = filled(keys, valueBytes);
    System.out.printf(
        Locale.ROOT,
        "keys=%d value=%dB remembered revisions=%d%n",
        machine.view().figures().keys(),
        valueBytes,
        machine.view().figures().historyRevisions());
    try {
      for (int round = 1; round <= ROUNDS; round++) {
        measure(round, machine, directory);
      }
    } finally {
      delete(directory);
    }
  }

  private static KvStateMachine filled(int keys, int valueBytes) {
    KvStateMachine machine = new KvStateMachine(() -> {});
    SplittableRandom random = new SplittableRandom(1);
    byte[] value = new byte[valueBytes];
    for (int i = 1; i <= keys; i++) {
      random.nextBytes(value);
      Command put =
          new Command.Put(
              Bytes.utf8(String.format(Locale.ROOT, "service/%08x/instance", i * 0x9E3779B1)),
              Bytes.wrap(value.clone()),
              "application/octet-stream",
              new LeaseBinding.Detach(),
              new KeyCondition.Always(),
              List.of(),
              false);
      apply(machine, i, put);
    }
    machine.publish();
    apply(machine, keys + 1, new Command.Compact(machine.view().compactionTarget()));
    machine.publish();
    return machine;
  }

  private static void apply(KvStateMachine machine, long index, Command command) {
    Bytes payload = RequestCodec.encode(new Request("bench", null, command));
    machine.apply(new Entry(index, 1, index / 10, EntryKind.COMMAND, payload));
  }

  private static void measure(int round, KvStateMachine machine, Path directory)
      throws IOException {
    SnapshotFiles files =
        SnapshotFiles.open(new LocalSnapshotDirectory(directory, Disk.LOCAL), damage -> {});
    Membership members = new Membership(List.of(new NodeId("n1")));
    EntryId last = new EntryId(1, machine.view().appliedIndex() + round);
    long start = System.nanoTime();
    files.save(new SnapshotMeta(last, 0, members), machine.snapshot());
    long saved = System.nanoTime();
    KvStateMachine restored = new KvStateMachine(() -> {});
    try (SnapshotSource source =
        SnapshotFiles.open(new LocalSnapshotDirectory(directory, Disk.LOCAL), damage -> {})
            .open()) {
      restored.restore(source);
    }
    restored.publish();
    long done = System.nanoTime();
    boolean same = restored.view().stateHash() == machine.view().stateHash();
    System.out.printf(
        Locale.ROOT,
        "round %d: %.1f MiB, written, forced and read again in %.2f s, restored in %.2f s,"
            + " same state: %b%n",
        round,
        bytes(directory) / BYTES_PER_MIB,
        (saved - start) / NANOS_PER_SECOND,
        (done - saved) / NANOS_PER_SECOND,
        same);
  }

  private static long bytes(Path directory) throws IOException {
    long sum = 0;
    for (Path file : children(directory)) {
      sum += Files.size(file);
    }
    return sum;
  }

  private static void delete(Path directory) throws IOException {
    for (Path file : children(directory)) {
      Files.delete(file);
    }
    Files.delete(directory);
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.toList();
    }
  }
}
