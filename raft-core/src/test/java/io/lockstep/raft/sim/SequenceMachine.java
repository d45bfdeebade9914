package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The plainest state machine: the sequence of all commands' numbers. A read sees a prefix of it, so
 * that stale, lost, repeated and reordered commands all show. Something falls due at times, so that
 * leaders keep cluster time going.
 */
final class SequenceMachine implements StateMachine<Long> {
  private List<Long> numbers = new ArrayList<>();
  private List<Long> publishedNumbers = numbers;
  private long appliedIndex;
  private long digest;
  private int publishedSize;
  private long publishedIndex;
  private long clusterTimeMillis;

  static Bytes command(long number, int padding) {
    return new ByteWriter(16 + padding).i64(number).raw(new byte[padding], 0, padding).toBytes();
  }

  /** Returns the number in the command, 0 for an entry without one. */
  @Override
  public Long apply(Entry entry) {
    appliedIndex = entry.index();
    clusterTimeMillis = entry.clusterTimeMillis();
    long number = 0;
    if (entry.kind() == EntryKind.COMMAND) {
      number = new ByteReader(entry.payload()).i64();
      numbers.add(number);
    }
    digest = Chance.mix(digest * 31 + number + entry.clusterTimeMillis());
    return number;
  }

  /** Every third entry leaves something that falls due. */
  @Override
  public long nextDueMillis() {
    return appliedIndex % 3 == 0 ? clusterTimeMillis + 700 : Long.MAX_VALUE;
  }

  @Override
  public void publish() {
    publishedNumbers = numbers;
    publishedSize = numbers.size();
    publishedIndex = appliedIndex;
  }

  @Override
  public StateHash hash() {
    return StateHash.of(1, digest);
  }

  @Override
  public StateSnapshot snapshot() {
    List<Long> all = numbers; // only ever appended to
    int count = all.size();
    long index = appliedIndex;
    long time = clusterTimeMillis;
    long sum = digest;
    return sink -> {
      ItemWriter out = new ItemWriter(sink);
      out.begin().varint(index).varint(time).i64(sum).varint(count);
      out.end();
      for (int i = 0; i < count; i++) {
        out.begin().i64(all.get(i));
        out.end();
      }
      out.flush();
    };
  }

  @Override
  public void restore(ChunkSource chunks) throws IOException {
    ItemReader in = new ItemReader(chunks);
    try {
      ByteReader head = in.next();
      long index = head.varint();
      long time = head.varint();
      long sum = head.i64();
      long count = head.varint();
      head.end();
      List<Long> all = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        ByteReader item = in.next();
        all.add(item.i64());
        item.end();
      }
      in.end();
      numbers = all;
      appliedIndex = index;
      clusterTimeMillis = time;
      digest = sum;
    } catch (ByteReader.Malformed e) {
      throw UnreadableSnapshotException.damaged("a sequence: " + e.getMessage());
    }
  }

  /** The index of the published state. */
  long publishedIndex() {
    return publishedIndex;
  }

  /** All numbers in the published state, in order. */
  List<Long> published() {
    return publishedNumbers.subList(0, publishedSize);
  }

  long digest() {
    return digest;
  }
}
