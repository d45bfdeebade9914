package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.statemachine.ChunkSink;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import java.io.IOException;

/**
 * One state as a snapshot. The first item says what it is, in which format, at which index and
 * cluster time, and of how many parts; then comes each {@link Section}; the last item is the
 * state's digest.
 *
 * <p>Nothing that can be derived is written: what a lease holds is told by keys and locks, earlier
 * revisions' keys by the oldest one's and the changes since. So no two parts can contradict each
 * other, and whoever adds to the state adds a section and nothing else.
 */
public record KvSnapshot(State state) implements StateSnapshot {
  private static final int MAGIC = 0x4C534B56;
  private static final int FORMAT = 1;
  private static final int END = 0;
  private static final String NAME = "the snapshot of the state";

  @Override
  public void writeTo(ChunkSink sink) throws IOException {
    ItemWriter out = new ItemWriter(sink);
    out.begin()
        .i32(MAGIC)
        .u8(FORMAT)
        .varint(state.appliedIndex())
        .varint(state.clusterTimeMillis())
        .u8(Section.ALL.size());
    out.end();
    for (Section section : Section.ALL) {
      out.begin().u8(section.id()).u8(section.format());
      out.end();
      section.write(state, out);
    }
    out.begin().u8(END).u8(State.DIGEST_FORMAT).i64(state.digest());
    out.end();
    out.flush();
  }

  /**
   * The state that {@code chunks} hold. A part that was not known yet when they were written is
   * empty.
   *
   * @throws UnreadableSnapshotException when they hold none that this program knows
   */
  public static State read(ChunkSource chunks) throws IOException {
    ItemReader in = new ItemReader(chunks);
    try {
      ByteReader head = in.next();
      checkFormat(head);
      RestoredState state = new RestoredState(Fields.number(head), Fields.number(head));
      int parts = head.u8();
      head.end();
      if (parts > Section.ALL.size()) {
        throw UnreadableSnapshotException.newer(
            "part " + parts + " of " + NAME, parts, Section.ALL.size());
      }
      for (Section section : Section.ALL.subList(0, parts)) {
        read(section, in, state);
      }
      return checked(state.build(), in);
    } catch (Malformed e) {
      throw UnreadableSnapshotException.damaged(NAME + ": " + e.getMessage());
    }
  }

  private static void checkFormat(ByteReader head) throws IOException {
    if (head.i32() != MAGIC) {
      throw UnreadableSnapshotException.damaged(NAME + " does not begin as one");
    }
    checkFormat(NAME, head.u8(), FORMAT);
  }

  /** No format was ever numbered otherwise than {@link Section#format} says. */
  private static void checkFormat(String part, int format, int known) throws IOException {
    if (format > known) {
      throw UnreadableSnapshotException.newer(part, format, known);
    }
    if (Integer.bitCount(format) % 2 == 0) {
      throw new Malformed(part + " is in format " + format);
    }
  }

  private static void read(Section section, ItemReader in, RestoredState state) throws IOException {
    ByteReader head = in.next();
    int id = head.u8();
    int format = head.u8();
    head.end();
    if (id != section.id()) {
      throw new Malformed("part " + id + " where " + section.id() + " is expected");
    }
    String title = "the part '" + section.title() + "' of " + NAME;
    checkFormat(title, format, section.format());
    try {
      section.read(in, format, state);
    } catch (Malformed e) {
      throw UnreadableSnapshotException.damaged(title + ": " + e.getMessage());
    }
  }

  private static State checked(State state, ItemReader in) throws IOException {
    ByteReader end = in.next();
    int id = end.u8();
    int digestFormat = end.u8();
    checkFormat("the digest of " + NAME, digestFormat, State.DIGEST_FORMAT);
    long digest = end.i64();
    end.end();
    in.end();
    boolean comparable = digestFormat == State.DIGEST_FORMAT;
    if (id != END || comparable && digest != state.digest()) {
      throw UnreadableSnapshotException.damaged(NAME + " holds another state than was written");
    }
    return state;
  }
}
