package io.lockstep.raft.journal.file;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.storage.SnapshotSink;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.storage.SnapshotStore;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots in files named by index and term. A file has another name until it is written, forced
 * and read again, so that one with its own name is whole; it gets that name by a rename, and the
 * directory is forced, before anything older goes.
 *
 * <pre>
 * INDEX-TERM.snapshot       a whole snapshot; the one with the highest index is the newest
 * saving.new                one that is being taken here
 * receiving.new             one that is coming in
 * INDEX-TERM.received.new   one that came in and is not installed
 * </pre>
 */
public final class SnapshotFiles implements SnapshotStore {
  private static final String UNFINISHED = ".new";
  private static final String SAVING = "saving" + UNFINISHED;
  private static final String RECEIVING = "receiving" + UNFINISHED;
  private static final Pattern WHOLE = Pattern.compile("\\d{19}-\\d{19}\\.snapshot");
  private static final Pattern RECEIVED = Pattern.compile("\\d{19}-\\d{19}\\.received\\.new");

  private final SnapshotDirectory directory;
  private final AtomicReference<@Nullable SnapshotMeta> newest = new AtomicReference<>();

  /** Of the newest file of an earlier life whose header can be read. */
  private @Nullable SnapshotMeta header;

  private SnapshotFiles(SnapshotDirectory directory) {
    this.directory = directory;
  }

  /**
   * Finds the newest snapshot of an earlier life that is whole, and deletes what that life left
   * unfinished or superseded. It may have ended between the rename and the force: then it is forced
   * now, before anything else relies on it. Damaged ones stay, for inspection, until a newer one is
   * there.
   *
   * @param damaged is told of each damaged one that is newer
   * @throws UnreadableSnapshotException if the newest one is of a later format
   */
  public static SnapshotFiles open(SnapshotDirectory directory, Consumer<String> damaged)
      throws IOException {
    SnapshotFiles files = new SnapshotFiles(directory);
    List<String> whole = new ArrayList<>();
    for (String name : directory.names()) {
      if (name.endsWith(UNFINISHED)) {
        directory.delete(name);
      } else if (WHOLE.matcher(name).matches()) {
        whole.add(name);
      }
    }
    if (!whole.isEmpty()) {
      directory.forceNames();
    }
    for (String name : whole.reversed()) {
      SnapshotMeta meta = files.wholeOrNull(name, damaged);
      if (meta != null) {
        files.advance(meta);
        return files;
      }
    }
    return files;
  }

  /** What a file stands for that can be read to its end; null for a damaged one. */
  private @Nullable SnapshotMeta wholeOrNull(String name, Consumer<String> damaged)
      throws IOException {
    try {
      SnapshotMeta meta = headerOf(name);
      header = header == null ? meta : header;
      readAgain(name);
      return meta;
    } catch (UnreadableSnapshotException e) {
      if (e.reason() != UnreadableSnapshotException.Reason.DAMAGED) {
        throw e;
      }
      damaged.accept(e.getMessage());
      return null;
    }
  }

  /**
   * Opens a snapshot's file that lies anywhere, under any name, as one that was kept for a restore.
   * Nothing in it is believed before its end was reached.
   */
  public static SnapshotSource read(SnapshotDirectory directory, String name) throws IOException {
    return new SnapshotFileReader(directory, name, "");
  }

  private SnapshotFileReader reader(String name) throws IOException {
    return new SnapshotFileReader(
        directory, name, "; it is left for inspection until a newer one is there");
  }

  @Override
  public @Nullable SnapshotMeta newestHeader() {
    return header;
  }

  @Override
  public @Nullable SnapshotMeta newest() {
    return newest.get();
  }

  @Override
  public void save(SnapshotMeta meta, StateSnapshot state) throws IOException {
    try {
      try (SnapshotFileWriter writer = new SnapshotFileWriter(directory, SAVING, meta)) {
        state.writeTo(writer);
        writer.finish();
      }
      readAgain(SAVING);
      publish(SAVING, meta);
    } catch (NoSpaceException e) {
      directory.delete(SAVING);
      throw e;
    }
  }

  @Override
  public SnapshotSource open() throws IOException {
    while (true) {
      SnapshotMeta meta = Invariant.present(newest.get(), "there is a snapshot to open");
      try {
        return reader(name(meta.last()));
      } catch (NoSuchFileException e) {
        if (meta.equals(newest.get())) {
          throw e;
        }
      }
    }
  }

  @Override
  public SnapshotSink receive(SnapshotMeta meta) throws IOException {
    return new Receiving(meta);
  }

  @Override
  public void install(SnapshotMeta meta) throws IOException {
    SnapshotMeta present = newest.get();
    Invariant.check(
        present == null || present.last().index() <= meta.last().index(),
        "a snapshot that is installed is not older than the newest");
    publish(received(meta.last()), meta);
  }

  /** What is being received is swept by the next {@link #open(SnapshotDirectory, Consumer)}. */
  @Override
  public void close() {}

  /** Gives a whole file the name by which it counts, durably. */
  private void publish(String unfinished, SnapshotMeta meta) throws IOException {
    directory.rename(unfinished, name(meta.last()));
    directory.forceNames();
    advance(meta);
  }

  /** The snapshot is there for good; what is older goes. */
  private void advance(SnapshotMeta meta) throws IOException {
    SnapshotMeta now = newest.accumulateAndGet(meta, SnapshotFiles::newer);
    String kept = stem(Invariant.present(now, "there is a newest snapshot").last());
    for (String name : directory.names()) {
      boolean snapshot = WHOLE.matcher(name).matches() || RECEIVED.matcher(name).matches();
      if (snapshot && name.substring(0, kept.length()).compareTo(kept) < 0) {
        directory.delete(name);
      }
    }
  }

  private static @Nullable SnapshotMeta newer(
      @Nullable SnapshotMeta present, @Nullable SnapshotMeta other) {
    if (present == null || other == null) {
      return present == null ? other : present;
    }
    return present.last().index() > other.last().index() ? present : other;
  }

  private SnapshotMeta headerOf(String name) throws IOException {
    try (SnapshotFileReader reader = reader(name)) {
      if (!name(reader.meta().last()).equals(name)) {
        throw UnreadableSnapshotException.damaged(
            "the snapshot " + directory.describe(name) + " is another one than its name says");
      }
      return reader.meta();
    }
  }

  /** Demands that what was just written can be read, before anything else is given up for it. */
  private void readAgain(String name) throws IOException {
    try (SnapshotFileReader reader = reader(name)) {
      Bytes chunk = reader.next();
      while (chunk != null) {
        chunk = reader.next();
      }
    }
  }

  private static String stem(EntryId last) {
    return String.format(Locale.ROOT, "%019d-%019d", last.index(), last.term());
  }

  private static String name(EntryId last) {
    return stem(last) + ".snapshot";
  }

  private static String received(EntryId last) {
    return stem(last) + ".received" + UNFINISHED;
  }

  private final class Receiving implements SnapshotSink {
    private final SnapshotMeta meta;
    private final SnapshotFileWriter writer;
    private boolean over;

    Receiving(SnapshotMeta meta) throws IOException {
      this.meta = meta;
      try {
        this.writer = new SnapshotFileWriter(directory, RECEIVING, meta);
      } catch (NoSpaceException e) {
        directory.delete(RECEIVING);
        throw e;
      }
    }

    @Override
    public void put(Bytes chunk) throws IOException {
      try {
        writer.put(chunk);
      } catch (NoSpaceException e) {
        abort();
        throw e;
      }
    }

    @Override
    public void finish() throws IOException {
      try {
        writer.finish();
      } catch (NoSpaceException e) {
        abort();
        throw e;
      }
      readAgain(RECEIVING);
      directory.rename(RECEIVING, received(meta.last()));
      over = true;
    }

    @Override
    public void abort() throws IOException {
      if (!over) {
        over = true;
        writer.close();
        directory.delete(RECEIVING);
      }
    }
  }
}
