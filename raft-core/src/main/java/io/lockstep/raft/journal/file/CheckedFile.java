package io.lockstep.raft.journal.file;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.journal.file.DataDirectoryException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * A small file that always holds one whole version of its contents: written under another name,
 * forced, renamed, and the directory forced. Its checksum covers what it is, too, so that one such
 * file is never taken for another.
 */
final class CheckedFile {
  private static final int MAGIC = 0x4C534631;
  private static final int BYTES_MAX = 1 << 20;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Path directory;
  private final Path file;
  private final String kind;
  private final int version;
  private final Disk disk;
  private final Reserve reserve;
  private final boolean secret;

  /**
   * A file that may not exist yet.
   *
   * @param name its name in {@code directory}
   * @param kind what it is, as its first bytes say
   * @param version the only version of its contents that is understood
   */
  CheckedFile(Path directory, String name, String kind, int version, Disk disk, Reserve reserve) {
    this(directory, name, kind, version, disk, reserve, false);
  }

  private CheckedFile(
      Path directory,
      String name,
      String kind,
      int version,
      Disk disk,
      Reserve reserve,
      boolean secret) {
    this.directory = directory;
    this.file = directory.resolve(name);
    this.kind = kind;
    this.version = version;
    this.disk = disk;
    this.reserve = reserve;
    this.secret = secret;
  }

  /** The same, such that nobody but the user of this process can ever read what is written. */
  CheckedFile keptSecret() {
    String name = file.getFileName().toString();
    return new CheckedFile(directory, name, kind, version, disk, reserve, true);
  }

  boolean exists() {
    return Files.exists(file);
  }

  /** The contents; a file that is missing or altered is {@link Reason#DAMAGED}. */
  Bytes read() throws IOException {
    byte[] bytes;
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw damaged("too long");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw damaged("missing");
    }
    try {
      return decode(bytes);
    } catch (ByteReader.Malformed e) {
      throw damaged(String.valueOf(e.getMessage()));
    }
  }

  private Bytes decode(byte[] bytes) throws DataDirectoryException {
    ByteReader reader = new ByteReader(bytes, 0, bytes.length);
    if (reader.i32() != MAGIC || reader.i32() != checksum(bytes)) {
      throw damaged("the checksum is wrong");
    }
    if (!reader.text().equals(kind)) {
      throw damaged("it is another file's contents");
    }
    int found = reader.i32();
    if (found != version) {
      throw new DataDirectoryException(
          Reason.FOREIGN, file, "version " + found + ", this program reads " + version);
    }
    Bytes contents = reader.bytes();
    reader.end();
    return contents;
  }

  /** What is wrong with this file, for contents that pass the checksum and make no sense too. */
  DataDirectoryException damaged(String what) {
    if (secret) {
      return new DataDirectoryException(Reason.DAMAGED, file, what);
    }
    return new DataDirectoryException(
        Reason.DAMAGED,
        file,
        what
            + ". What it promised is lost, so this node does not start; if the other members are a"
            + " majority, replace this member by one with an empty data directory");
  }

  /** Returns when {@code contents} survive a power cut, and what was there before is gone. */
  void write(Bytes contents) throws IOException {
    byte[] bytes = encode(contents);
    Path next = directory.resolve(file.getFileName() + ".new");
    try {
      writeForced(next, bytes);
    } catch (IOException e) {
      // What is tried again is a new file, not the force of the old one.
      if (!(disk.classified(directory, e) instanceof NoSpaceException) || !reserve.release()) {
        throw e;
      }
      Files.deleteIfExists(next);
      writeForced(next, bytes);
    }
    disk.rename(next, file);
    disk.forceDirectory(directory);
    reserve.hold();
  }

  /** Returns when a power cut does not bring the file back. */
  void delete() throws IOException {
    Files.deleteIfExists(file);
    disk.forceDirectory(directory);
  }

  private void writeForced(Path next, byte[] bytes) throws IOException {
    if (secret) {
      // Made anew, for one that is there may be open to others.
      Files.deleteIfExists(next);
      Files.createFile(next, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    EnumSet<StandardOpenOption> options =
        EnumSet.of(
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try (FileChannel channel = disk.open(next, options)) {
      Disk.writeFully(channel, ByteBuffer.wrap(bytes), 0);
      channel.force(true);
    }
  }

  private byte[] encode(Bytes contents) {
    ByteWriter writer = new ByteWriter(64 + contents.length());
    writer.i32(MAGIC).i32(0).text(kind).i32(version).bytes(contents);
    byte[] bytes = writer.toArray();
    return writer.patchI32(4, checksum(bytes)).toArray();
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 8, bytes.length - 8);
    return (int) crc.getValue();
  }
}
