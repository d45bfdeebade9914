package io.lockstep.raft.journal;

import io.lockstep.raft.journal.chronicle.ChronicleSegmentStore;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.FileSegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A directory of the real file system, with one of the real stores on it. */
public record DirectoryDisk(Path root, Kind kind, Disk files) implements JournalDisk {
  /** The stores there are. */
  public enum Kind {
    FILE,
    CHRONICLE
  }

  @Override
  public SegmentStore open() {
    return switch (kind) {
      case FILE -> new FileSegmentStore(root, files);
      case CHRONICLE -> new ChronicleSegmentStore(root, files);
    };
  }

  @Override
  public byte[] bytes(long segment) throws IOException {
    return Files.readAllBytes(file(segment));
  }

  @Override
  public void overwrite(long segment, int position, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file(segment), StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes), position);
    }
  }

  @Override
  public void truncate(long segment, int length) throws IOException {
    try (FileChannel channel = FileChannel.open(file(segment), StandardOpenOption.WRITE)) {
      channel.truncate(length);
    }
  }

  /** The file that holds a segment's records. */
  public Path file(long segment) throws IOException {
    Path directory = root.resolve(String.format(Locale.ROOT, "%010d", segment));
    try (Stream<Path> files = Files.list(directory)) {
      List<Path> found =
          files.filter(file -> !file.getFileName().toString().startsWith("metadata")).toList();
      return found.getFirst();
    }
  }
}
