package io.lockstep.raft.journal;

/**
 * What one record of the journal says, without its payload.
 *
 * @param type what the record is for
 * @param kindCode the code of the entry's kind; 0 for other records
 * @param segment the number of the segment that the record was written into
 * @param sequence its place among all records of the log's whole life, from 1, without holes
 * @param covered the highest sequence number that the last force before it had covered
 * @param index the entry's index; in a header that of the last entry before it; 0 in a mark
 * @param term the entry's term; in a header that of the last entry before it; 0 in a mark
 * @param clusterTimeMillis the entry's cluster time; 0 for other records
 */
record JournalRecord(
    Type type,
    int kindCode,
    long segment,
    long sequence,
    long covered,
    long index,
    long term,
    long clusterTimeMillis) {

  /** What a record is for. The codes are part of the disk format: never renumber. */
  enum Type {
    /** The first record of a segment; its payload is a {@link SegmentHeader}. */
    HEADER(1),
    /** An entry of the log; supersedes those at its index and above that were written before it. */
    ENTRY(2),
    /** Says what was forced, and nothing else. */
    MARK(3);

    private final int code;

    Type(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static boolean isKnown(int code) {
      return code >= HEADER.code && code <= MARK.code;
    }

    /** The type with a code that {@link #isKnown}. */
    static Type ofCode(int code) {
      return switch (code) {
        case 1 -> HEADER;
        case 2 -> ENTRY;
        case 3 -> MARK;
        default -> throw new IllegalArgumentException("unknown record type " + code);
      };
    }
  }
}
