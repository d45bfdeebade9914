package io.lockstep.raft.journal.file;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.SnapshotDirectory.OldFile;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads one snapshot's file, and believes nothing in it. Owned by one thread. */
final class SnapshotFileReader implements SnapshotSource {
  private final String place;
  private final String next;
  private final OldFile file;
  private final MessageDigest digest = SnapshotFormat.digest();
  private final SnapshotMeta meta;
  private long position;
  private int chunks;
  private long bytes;
  private boolean ended;

  /** Opens the file {@code name}; {@code next} says what becomes of a damaged one. */
  SnapshotFileReader(SnapshotDirectory directory, String name, String next) throws IOException {
    this.place = directory.describe(name);
    this.next = next;
    this.file = directory.open(name);
    try {
      this.meta = readHeader();
    } catch (Malformed e) {
      file.close();
      throw damaged(e);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public SnapshotMeta meta() {
    return meta;
  }

  @Override
  public @Nullable Bytes next() throws IOException {
    if (ended) {
      return null;
    }
    try {
      byte[] length = read(Integer.BYTES);
      int chunk = new ByteReader(length, 0, length.length).i32();
      if (chunk != 0) {
        return readChunk(length, chunk);
      }
      readTrailer(length);
      ended = true;
      return null;
    } catch (Malformed e) {
      throw damaged(e);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private SnapshotMeta readHeader() throws IOException {
    byte[] start = read(SnapshotFormat.HEADER_START_BYTES);
    byte[] rest = read(SnapshotFormat.headerRest(start));
    byte[] header = Arrays.copyOf(start, start.length + rest.length);
    System.arraycopy(rest, 0, header, start.length, rest.length);
    digest.update(header);
    return SnapshotFormat.meta(header, place);
  }

  private Bytes readChunk(byte[] head, int length) throws IOException {
    if (length < 0 || length > ChunkSink.CHUNK_BYTES_MAX) {
      throw new Malformed("a chunk of " + length + " bytes");
    }
    byte[] crc = read(Integer.BYTES);
    byte[] chunk = read(length);
    int expected = new ByteReader(crc, 0, crc.length).i32();
    if (expected != SnapshotFormat.chunkCrc(chunks, chunk, 0, length)) {
      throw new Malformed("the checksum of chunk " + chunks + " is wrong");
    }
    digest.update(head);
    digest.update(crc);
    digest.update(chunk);
    chunks++;
    bytes += length;
    return Bytes.wrap(chunk);
  }

  private void readTrailer(byte[] head) throws IOException {
    byte[] rest = read(SnapshotFormat.TRAILER_BYTES - head.length);
    byte[] found = Arrays.copyOf(head, SnapshotFormat.TRAILER_BYTES);
    System.arraycopy(rest, 0, found, head.length, rest.length);
    if (!Arrays.equals(found, SnapshotFormat.trailer(chunks, bytes, digest.digest()))) {
      throw new Malformed("it does not end with its digest");
    }
    ByteBuffer more = ByteBuffer.allocate(1);
    file.read(more);
    if (more.position() > 0) {
      throw new Malformed("there is more after its end");
    }
  }

  private byte[] read(int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    file.read(target);
    if (target.hasRemaining()) {
      throw new Malformed("it is cut short");
    }
    position += length;
    return target.array();
  }

  private UnreadableSnapshotException damaged(Malformed e) {
    return UnreadableSnapshotException.damaged(
        "the snapshot "
            + place
            + " is damaged before byte "
            + position
            + ": "
            + e.getMessage()
            + next);
  }
}
