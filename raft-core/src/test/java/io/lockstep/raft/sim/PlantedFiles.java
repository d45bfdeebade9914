package io.lockstep.raft.sim;

import io.lockstep.raft.journal.file.SnapshotDirectory;
import java.io.IOException;
import java.util.List;

/** A directory that does as it is told, for a mistake to be put into one of its methods. */
class PlantedFiles implements SnapshotDirectory {
  private final SnapshotDirectory real;

  PlantedFiles(SnapshotDirectory real) {
    this.real = real;
  }

  @Override
  public List<String> names() throws IOException {
    return real.names();
  }

  @Override
  public NewFile create(String name) throws IOException {
    return real.create(name);
  }

  @Override
  public OldFile open(String name) throws IOException {
    return real.open(name);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    real.rename(from, to);
  }

  @Override
  public void delete(String name) throws IOException {
    real.delete(name);
  }

  @Override
  public void forceNames() throws IOException {
    real.forceNames();
  }

  @Override
  public void checkRoom(long bytes) throws IOException {
    real.checkRoom(bytes);
  }

  @Override
  public String describe(String name) {
    return real.describe(name);
  }
}
