package io.lockstep.raft.journal.file;

import io.lockstep.raft.bytes.Bytes;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a node must tell nobody, such as the private halves of its keys. Only the user that the node
 * runs as may read the file; it is part of no snapshot and no backup.
 */
public final class SecretFile {
  private final CheckedFile file;

  SecretFile(CheckedFile file) {
    this.file = file.keptSecret();
  }

  /**
   * What was saved last; null when nothing ever was, or the file is gone.
   *
   * @throws DataDirectoryException if it cannot be understood
   */
  public @Nullable Bytes load() throws IOException {
    return file.exists() ? file.read() : null;
  }

  /** Returns when {@code secret} survives a power cut. */
  public void save(Bytes secret) throws IOException {
    file.write(secret);
  }
}
