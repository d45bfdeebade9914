package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.storage.LogStore;
import java.io.IOException;
import java.util.List;

/** A log that does as it is told, for a mistake to be put into one of its methods. */
class PlantedLog implements LogStore {
  private final LogStore real;

  PlantedLog(LogStore real) {
    this.real = real;
  }

  @Override
  public EntryId last() {
    return real.last();
  }

  @Override
  public long firstIndex() {
    return real.firstIndex();
  }

  @Override
  public int append(List<Entry> entries) throws IOException {
    return real.append(entries);
  }

  @Override
  public void truncateFrom(long fromIndex) throws IOException {
    real.truncateFrom(fromIndex);
  }

  @Override
  public void compactTo(long firstKept) throws IOException {
    real.compactTo(firstKept);
  }

  @Override
  public void resetTo(EntryId last) throws IOException {
    real.resetTo(last);
  }

  @Override
  public int segments() {
    return real.segments();
  }

  @Override
  public void force() throws IOException {
    real.force();
  }

  @Override
  public List<Entry> read(long from, long toExclusive, int bytesMax) throws IOException {
    return real.read(from, toExclusive, bytesMax);
  }

  @Override
  public List<Entry> tail(int bytesMax) throws IOException {
    return real.tail(bytesMax);
  }

  @Override
  public void idle() throws IOException {
    real.idle();
  }

  @Override
  public Room room() throws IOException {
    return real.room();
  }

  @Override
  public void close() throws IOException {
    real.close();
  }
}
