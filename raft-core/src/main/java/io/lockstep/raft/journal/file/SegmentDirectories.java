package io.lockstep.raft.journal.file;

import io.lockstep.raft.journal.DamagedJournalException;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.journal.Segment;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One directory a segment, named by its number in ten digits. It has another name until it is made
 * in full, so that a crash leaves either a whole segment or one that is known to be half-made.
 */
public final class SegmentDirectories {
  private static final Pattern NAME = Pattern.compile("\\d{10}");
  private static final String UNFINISHED = ".new";

  /** What holds the records in a segment's directory, written by whichever store. */
  private static final String RECORDS = "{records,*.cq4}";

  private final Path root;
  private final Disk disk;

  /** Makes the files of a segment in {@code directory}, with their contents durable. */
  public interface Maker<S extends Segment> {
    S make(Path directory) throws IOException;
  }

  public SegmentDirectories(Path root, Disk disk) {
    this.root = root;
    this.disk = disk;
  }

  /** The numbers of all whole segments, ascending; deletes the half-made. */
  public long[] list() throws IOException {
    List<Path> unfinished = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(root)) {
      for (Path child : children) {
        String name = child.getFileName().toString();
        if (name.endsWith(UNFINISHED)) {
          unfinished.add(child);
        } else if (NAME.matcher(name).matches()) {
          numbers.add(Long.parseLong(name));
        }
      }
    }
    for (Path directory : unfinished) {
      deleteWithContents(directory);
    }
    return numbers.stream().mapToLong(Long::longValue).sorted().toArray();
  }

  /**
   * Makes a segment under its unfinished name, then gives it its own, durably.
   *
   * @param bytes how much room it needs
   * @throws NoSpaceException if there is no room; nothing of it is left
   */
  public <S extends Segment> S create(long number, long bytes, Maker<S> maker) throws IOException {
    disk.checkRoom(root, bytes);
    Path directory = path(number);
    Path unfinished = root.resolve(directory.getFileName() + UNFINISHED);
    try {
      Files.createDirectory(unfinished);
      S segment = maker.make(unfinished);
      try {
        disk.forceDirectory(unfinished);
        disk.rename(unfinished, directory);
        disk.forceDirectory(root);
      } catch (IOException e) {
        segment.close();
        throw e;
      }
      return segment;
    } catch (IOException e) {
      IOException classified = disk.classified(root, e);
      if (classified instanceof NoSpaceException) {
        deleteWithContents(unfinished);
      }
      throw classified;
    }
  }

  /** Opens the one file in a segment's directory that holds its records. */
  public Segment open(long number) throws IOException {
    Path directory = path(number);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, RECORDS)) {
      for (Path file : files) {
        return FileBlock.open(number, file, disk);
      }
    } catch (NoSuchFileException e) {
      throw new DamagedJournalException(directory.toString(), 0, "the segment is gone");
    }
    throw new DamagedJournalException(directory.toString(), 0, "the file with the records is gone");
  }

  /** Removes a segment, durably. */
  public void delete(long number) throws IOException {
    Path directory = path(number);
    Path unfinished = root.resolve(directory.getFileName() + UNFINISHED);
    disk.rename(directory, unfinished);
    disk.forceDirectory(root);
    deleteWithContents(unfinished);
  }

  /** Where the segment is or will be. */
  public Path path(long number) {
    return root.resolve(String.format(Locale.ROOT, "%010d", number));
  }

  private static void deleteWithContents(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
