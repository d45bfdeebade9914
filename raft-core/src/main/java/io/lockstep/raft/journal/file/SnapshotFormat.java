package io.lockstep.raft.journal.file;

import io.lockstep.raft.SnapshotMeta;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.wire.SnapshotMetaCodec;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.zip.CRC32C;

/**
 * A snapshot's file, all numbers big-endian:
 *
 * <pre>
 * header   magic i32, format i32, length i32, what it stands for, crc i32 of the header so far
 * chunk    length i32 (1 to 1 MiB), crc i32 of the chunk's number, its length and its bytes, bytes
 * trailer  0 i32, chunks i32, their bytes i64, SHA-256 of all before the trailer,
 *          crc i32 of the trailer so far
 * </pre>
 *
 * <p>Checksums are CRC32C: they say where damage lies, as early as it is read. The digest covers
 * the whole, what each checksum cannot: it is SHA-256 because replicas at one index write the same
 * file, so that digests of different nodes may be compared without a thought of collisions. A later
 * format keeps the header's frame, so that it can be told from damage.
 */
final class SnapshotFormat {
  static final int FORMAT = 1;
  static final int MAGIC = 0x4C53534E;
  static final int HEADER_START_BYTES = 12;
  static final int META_BYTES_MAX = 64 << 10;
  static final int CHUNK_HEAD_BYTES = 8;
  static final int DIGEST_BYTES = 32;
  static final int TRAILER_BYTES = 4 + 4 + 8 + DIGEST_BYTES + 4;

  private SnapshotFormat() {}

  static byte[] header(SnapshotMeta meta) {
    ByteWriter body = new ByteWriter(128);
    SnapshotMetaCodec.encode(meta, body);
    ByteWriter header = new ByteWriter(16 + body.size());
    header.i32(MAGIC).i32(FORMAT).i32(body.size()).raw(body.array(), 0, body.size());
    return header.i32(crc(header.array(), 0, header.size())).toArray();
  }

  /**
   * How long the header is after its start.
   *
   * @param start the first {@link #HEADER_START_BYTES} of it
   */
  static int headerRest(byte[] start) {
    ByteReader in = new ByteReader(start, 0, start.length);
    if (in.i32() != MAGIC) {
      throw new Malformed("it does not begin as a snapshot");
    }
    in.i32();
    int length = in.i32();
    if (length <= 0 || length > META_BYTES_MAX) {
      throw new Malformed("a header of " + length + " bytes");
    }
    return length + Integer.BYTES;
  }

  /** What a whole header says; {@code name} is for the refusal of a later format. */
  static SnapshotMeta meta(byte[] header, String name) throws IOException {
    int end = header.length - Integer.BYTES;
    if (new ByteReader(header, end, header.length).i32() != crc(header, 0, end)) {
      throw new Malformed("the header's checksum is wrong");
    }
    int format = new ByteReader(header, 4, 8).i32();
    if (format != FORMAT) {
      throw UnreadableSnapshotException.newer("the snapshot " + name, format, FORMAT);
    }
    ByteReader in = new ByteReader(header, HEADER_START_BYTES, end);
    SnapshotMeta meta = SnapshotMetaCodec.decode(in);
    in.end();
    return meta;
  }

  static int chunkCrc(int number, byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    update(crc, number);
    update(crc, length);
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  static byte[] trailer(int chunks, long bytes, byte[] digest) {
    ByteWriter trailer = new ByteWriter(TRAILER_BYTES);
    trailer.i32(0).i32(chunks).i64(bytes).raw(digest, 0, digest.length);
    return trailer.i32(crc(trailer.array(), 0, trailer.size())).toArray();
  }

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static int crc(byte[] bytes, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, from, length);
    return (int) crc.getValue();
  }

  private static void update(CRC32C crc, int value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      crc.update(value >>> shift);
    }
  }
}
