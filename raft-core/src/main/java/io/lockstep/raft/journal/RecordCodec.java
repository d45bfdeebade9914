package io.lockstep.raft.journal;

import io.lockstep.raft.Invariant;
import io.lockstep.raft.bytes.Bytes;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The bytes of a record: 64 of head and its payload, big-endian, the same in every kind of segment.
 *
 * <pre>
 *  0 magic "LSJ1" (the digit is the format's version)   24 sequence
 *  4 crc32c of all that follows                         32 covered
 *  8 length of head and payload                         40 index
 * 12 type, 13 kind, 14 zero                             48 term
 * 16 segment                                            56 cluster time
 * </pre>
 *
 * <p>Records are found by scanning raw bytes, and a payload is whatever a client sent. So the
 * checksum of every record but the header also covers the log's owner, which no client knows: bytes
 * that look like a record inside a torn one are not taken for one. Not thread-safe.
 */
final class RecordCodec {
  static final int HEAD_BYTES = 64;

  /** Where a record may start: at multiples of this, relative to the segment's beginning. */
  static final int SCAN_STEP = 4;

  private static final int MAGIC = 0x4C534A31;
  private static final int CRC_FROM = 8;
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final byte[] owner;
  private final CRC32C crc = new CRC32C();

  RecordCodec(Bytes owner) {
    this.owner = owner.toArray();
  }

  /** How many bytes a record with such a payload takes in a segment, padding included. */
  static int sizeOf(int payloadBytes) {
    return Math.addExact(HEAD_BYTES + 7, payloadBytes) & ~7;
  }

  /** Writes a record and its padding, {@link #sizeOf} bytes in all, and returns its checksum. */
  int encode(JournalRecord record, Bytes payload, byte[] target, int at) {
    int length = HEAD_BYTES + payload.length();
    Invariant.check(
        at + sizeOf(payload.length()) <= target.length, "a record fits the buffer", at, length);
    INT.set(target, at, MAGIC);
    INT.set(target, at + 8, length);
    INT.set(target, at + 12, record.type().code() << 24 | record.kindCode() << 16);
    LONG.set(target, at + 16, record.segment());
    LONG.set(target, at + 24, record.sequence());
    LONG.set(target, at + 32, record.covered());
    LONG.set(target, at + 40, record.index());
    LONG.set(target, at + 48, record.term());
    LONG.set(target, at + 56, record.clusterTimeMillis());
    payload.copyTo(target, at + HEAD_BYTES);
    for (int i = length; i < sizeOf(payload.length()); i++) {
      target[at + i] = 0;
    }
    int checksum = checksum(target, at, length, record.type().code());
    INT.set(target, at + 4, checksum);
    return checksum;
  }

  /** Whether the four bytes at {@code at} are those that every record begins with. */
  static boolean startsRecord(byte[] source, int at) {
    return (int) INT.get(source, at) == MAGIC;
  }

  /** The length that the head at {@code at} states, true or not. */
  static int statedLength(byte[] source, int at) {
    return (int) INT.get(source, at + 8);
  }

  /** The segment that the head at {@code at} states, true or not. */
  static long statedSegment(byte[] source, int at) {
    return (long) LONG.get(source, at + 16);
  }

  /**
   * Whether the bytes from {@code at} to at most {@code limit} begin with a whole, unharmed record.
   */
  boolean isRecord(byte[] source, int at, int limit) {
    if (limit - at < HEAD_BYTES || !startsRecord(source, at)) {
      return false;
    }
    int length = statedLength(source, at);
    int typeCode = source[at + 12] & 0xff;
    return length >= HEAD_BYTES
        && length <= limit - at
        && JournalRecord.Type.isKnown(typeCode)
        && checksum(source, at, length, typeCode) == storedChecksum(source, at);
  }

  /** The checksum in the head at {@code at}. */
  static int storedChecksum(byte[] source, int at) {
    return (int) INT.get(source, at + 4);
  }

  /** What the record at {@code at} says; it {@link #isRecord}. */
  static JournalRecord decode(byte[] source, int at) {
    return new JournalRecord(
        JournalRecord.Type.ofCode(source[at + 12] & 0xff),
        source[at + 13] & 0xff,
        statedSegment(source, at),
        (long) LONG.get(source, at + 24),
        (long) LONG.get(source, at + 32),
        (long) LONG.get(source, at + 40),
        (long) LONG.get(source, at + 48),
        (long) LONG.get(source, at + 56));
  }

  /** The payload of the record at {@code at}; it {@link #isRecord}. */
  static Bytes payload(byte[] source, int at) {
    return Bytes.copyOf(source, at + HEAD_BYTES, at + statedLength(source, at));
  }

  /** The chain hash after one more record. */
  static long chain(long before, int checksum) {
    return Long.rotateLeft(before, 23) * 0x9E3779B97F4A7C15L + (checksum & 0xffffffffL) + 1;
  }

  private int checksum(byte[] source, int at, int length, int typeCode) {
    crc.reset();
    if (typeCode != JournalRecord.Type.HEADER.code()) {
      crc.update(owner, 0, owner.length);
    }
    crc.update(source, at + CRC_FROM, length - CRC_FROM);
    return (int) crc.getValue();
  }
}
