package io.lockstep.raft.journal.file;

import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.journal.file.DataDirectoryException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files of one data directory: how they come to be, and what a start demands of them. */
final class DirectoryFiles {
  private static final String FORMAT = "lockstep data directory, format 1\n";
  private static final List<String> OWN_NAMES =
      List.of(
          "lock",
          "identity",
          "joined",
          "hard-state",
          "reserve",
          "log",
          "snapshots",
          "repair",
          "diverged",
          "secret",
          "lost+found");
  private static final String UNFINISHED = ".new";

  private final Path root;
  private final Disk disk;
  private final Path format;
  private final IdentityFile identity;
  private final HardStateFile hardState;
  private final JoinedFile joined;
  private final RepairFile repair;
  private final DivergenceFile divergence;
  private final SecretFile secret;

  DirectoryFiles(Path root, Disk disk) throws IOException {
    this.root = root;
    this.disk = disk;
    this.format = root.resolve("format");
    Reserve reserve = new Reserve(root, disk);
    this.identity =
        new IdentityFile(new CheckedFile(root, "identity", "identity", 1, disk, reserve));
    this.hardState =
        new HardStateFile(new CheckedFile(root, "hard-state", "hard state", 1, disk, reserve));
    this.joined = new JoinedFile(new CheckedFile(root, "joined", "joined", 1, disk, reserve));
    this.repair = new RepairFile(new CheckedFile(root, "repair", "repair", 1, disk, reserve));
    this.divergence =
        new DivergenceFile(new CheckedFile(root, "diverged", "divergence", 1, disk, reserve));
    this.secret = new SecretFile(new CheckedFile(root, "secret", "secret", 1, disk, reserve));
  }

  IdentityFile identity() {
    return identity;
  }

  JoinedFile joined() {
    return joined;
  }

  RepairFile repair() {
    return repair;
  }

  DivergenceFile divergence() {
    return divergence;
  }

  SecretFile secret() {
    return secret;
  }

  HardStateFile hardState() {
    return hardState;
  }

  Path log() {
    return root.resolve("log");
  }

  Path snapshots() {
    return root.resolve("snapshots");
  }

  /** Whether they were never completed: then nothing was promised here yet. */
  boolean areMissing() {
    return !Files.exists(format);
  }

  /** Makes them new; what a crash in the middle of this left is replaced. */
  void initialise(Identity empty) throws IOException {
    checkUnused();
    createDirectory(log().toAbsolutePath(), disk);
    identity.save(empty);
    hardState.save(HardState.INITIAL);
    Path next = root.resolve(format.getFileName() + UNFINISHED);
    EnumSet<StandardOpenOption> options =
        EnumSet.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try (FileChannel channel = disk.open(next, options)) {
      ByteBuffer text = ByteBuffer.wrap(FORMAT.getBytes(StandardCharsets.US_ASCII));
      Disk.writeFully(channel, text, 0);
      channel.force(true);
    }
    disk.rename(next, format);
    disk.forceDirectory(root);
  }

  private void checkUnused() throws IOException {
    for (String name : names(root)) {
      if (!OWN_NAMES.contains(name) && !name.endsWith(UNFINISHED)) {
        throw new DataDirectoryException(
            Reason.FOREIGN, root, "neither empty nor a Lockstep data directory: it has " + name);
      }
    }
    boolean started = identity.exists() && identity.load().startNumber() > 0;
    if (started || Files.isDirectory(log()) && !names(log()).isEmpty()) {
      throw new DataDirectoryException(
          Reason.DAMAGED, format, "missing in a directory that was in use");
    }
  }

  /** Checks that all is there and this node's, and makes durable that a life has begun. */
  Identity start(NodeId node) throws IOException {
    if (!Files.readString(format, StandardCharsets.ISO_8859_1).equals(FORMAT)) {
      throw new DataDirectoryException(
          Reason.FOREIGN, format, "not a format that this program knows");
    }
    Identity found = identity.load();
    if (!found.node().equals(node)) {
      throw new DataDirectoryException(
          Reason.FOREIGN, root, "the data directory of " + found.node() + ", not of " + node);
    }
    hardState.load();
    if (!Files.isDirectory(log())) {
      throw new DataDirectoryException(Reason.DAMAGED, log(), "the log is gone");
    }
    createDirectory(snapshots().toAbsolutePath(), disk);
    Identity started = found.started();
    identity.save(started);
    return started;
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    }
  }

  /** Makes a directory and those it lies in, durably. */
  static void createDirectory(Path directory, Disk disk) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    @Nullable Path parent = directory.getParent();
    if (parent != null) {
      createDirectory(parent, disk);
    }
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException e) {
      throw new DataDirectoryException(Reason.FOREIGN, directory, "not a directory");
    }
    if (parent != null) {
      disk.forceDirectory(parent);
    }
  }
}
