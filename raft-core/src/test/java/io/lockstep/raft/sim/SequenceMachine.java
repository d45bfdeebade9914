package io.lockstep.raft.sim;

import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.StateMachine;
import java.util.ArrayList;
import java.util.List;

/**
 * The plainest state machine: the sequence of all commands' numbers. A read sees a prefix of it, so
 * that stale, lost, repeated and reordered commands all show. Something falls due at times, so that
 * leaders keep cluster time going.
 */
final class SequenceMachine implements StateMachine<Long> {
  private final List<Long> numbers = new ArrayList<>();
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
    publishedSize = numbers.size();
    publishedIndex = appliedIndex;
  }

  /** The index of the published state. */
  long publishedIndex() {
    return publishedIndex;
  }

  /** All numbers in the published state, in order. */
  List<Long> published() {
    return numbers.subList(0, publishedSize);
  }

  long digest() {
    return digest;
  }
}
