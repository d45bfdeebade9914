package io.lockstep.raft.sim;

import io.lockstep.raft.journal.NoSpaceException;
import io.lockstep.raft.journal.file.SnapshotDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;

/** The directory of snapshots on a simulated disk, as one process uses it. */
final class SimSnapshotDirectory implements SnapshotDirectory {
  private final SimDisk disk;
  private final SimProcess process;
  private final SimFiles files;

  SimSnapshotDirectory(SimDisk disk, SimProcess process, SimFiles files) {
    this.disk = disk;
    this.process = process;
    this.files = files;
  }

  @Override
  public List<String> names() {
    return files.names();
  }

  @Override
  public NewFile create(String name) throws IOException {
    checkRoom(0);
    disk.operation(process, () -> files.create(name));
    return new Written(content(name));
  }

  @Override
  public OldFile open(String name) throws IOException {
    SimFiles.Content content = content(name);
    return new OldFile() {
      private int position;

      @Override
      public void read(ByteBuffer target) {
        int length = Math.min(target.remaining(), content.bytes().length - position);
        target.put(content.bytes(), position, length);
        position += length;
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void rename(String from, String to) throws IOException {
    content(from);
    disk.operation(process, () -> files.rename(from, to));
  }

  @Override
  public void delete(String name) {
    if (files.find(name) != null) {
      disk.operation(process, () -> files.delete(name));
    }
  }

  @Override
  public void forceNames() throws IOException {
    disk.failIfForcesDo();
    disk.operation(process, files::forceNames);
  }

  @Override
  public void checkRoom(long bytes) throws IOException {
    if (disk.isFull()) {
      throw new NoSpaceException("the simulated disk is full");
    }
  }

  @Override
  public String describe(String name) {
    return "simulated file " + name;
  }

  private SimFiles.Content content(String name) throws NoSuchFileException {
    SimFiles.Content content = files.find(name);
    if (content == null) {
      throw new NoSuchFileException(name);
    }
    return content;
  }

  private final class Written implements NewFile {
    private final SimFiles.Content content;

    Written(SimFiles.Content content) {
      this.content = content;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      checkRoom(bytes.remaining());
      byte[] data = new byte[bytes.remaining()];
      bytes.get(data);
      disk.operation(process, () -> content.append(data));
    }

    @Override
    public void force() throws IOException {
      if (disk.forcesFail()) {
        content.failForce();
      }
      disk.failIfForcesDo();
      disk.operation(process, content::force);
    }

    @Override
    public void close() {}
  }
}
