package io.lockstep.raft.peer;

import java.util.zip.CRC32C;

/**
 * The checksum of a frame: CRC32C over the connection's session, the frame's number on it, its
 * length, kind and payload. As session and number are never sent, a frame that is repeated,
 * dropped, reordered or spliced in from another connection fails as a damaged one does. Not
 * thread-safe.
 */
final class FrameChecksum {
  private final CRC32C crc = new CRC32C();
  private final byte[] place = new byte[16];

  /**
   * Of the frame that starts with its length at {@code start}; {@code length} is what the length
   * field says.
   */
  int of(long session, long number, byte[] array, int start, int length) {
    put(0, session);
    put(8, number);
    crc.reset();
    crc.update(place, 0, place.length);
    crc.update(array, start, 4);
    crc.update(array, start + FrameReader.HEADER_BYTES, length);
    return (int) crc.getValue();
  }

  private void put(int position, long value) {
    for (int i = 0; i < 8; i++) {
      place[position + i] = (byte) (value >>> 56 - 8 * i);
    }
  }
}
