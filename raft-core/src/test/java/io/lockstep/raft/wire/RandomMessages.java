package io.lockstep.raft.wire;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.EntryKind;
import io.lockstep.raft.Message;
import io.lockstep.raft.StateAgreement.Verdict;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random messages of every variant, edge values included. */
public final class RandomMessages {
  private final Random random;

  public RandomMessages(Random random) {
    this.random = random;
  }

  /** One message of each variant. */
  public List<Message> oneOfEach() {
    long term = positive();
    return List.of(
        new Message.PreVote(term, id()),
        new Message.PreVoteReply(term, random.nextBoolean()),
        new Message.Vote(term, id(), random.nextBoolean()),
        new Message.VoteReply(term, random.nextBoolean()),
        append(random.nextInt(5), 64),
        new Message.Appended(term, number(), number()),
        new Message.AppendRejected(term, id(), id(), number()),
        new Message.Heartbeat(term, number(), number()),
        new Message.HeartbeatReply(term, number()),
        new Message.ReadIndex(term, number(), number()),
        new Message.ReadIndexReply(term, number(), number(), number(), number(), number()),
        new Message.ReadIndexRefused(term, number(), number()),
        new Message.TimeoutNow(term),
        new Message.StateReport(term, checkpoint()),
        new Message.StateVerdict(term, checkpoint(), verdict()));
  }

  /**
   * An append of {@code count} entries that follow each other, with payloads below {@code
   * payloadMax}.
   */
  public Message.Append append(int count, int payloadMax) {
    EntryId previous =
        random.nextInt(4) == 0
            ? EntryId.NONE
            : new EntryId(1 + random.nextLong(1L << 40), 1 + random.nextLong(1L << 50));
    List<Entry> entries = new ArrayList<>();
    long term = Math.max(1, previous.term());
    for (int i = 1; i <= count; i++) {
      term += random.nextInt(2);
      entries.add(entry(previous.index() + i, term, payloadMax));
    }
    return new Message.Append(
        term + random.nextInt(3), previous, List.copyOf(entries), number(), number());
  }

  /** An entry of either kind. */
  public Entry entry(long index, long term, int payloadMax) {
    boolean empty = random.nextInt(5) == 0;
    byte[] payload = new byte[empty ? 0 : random.nextInt(payloadMax)];
    random.nextBytes(payload);
    EntryKind kind = empty ? EntryKind.EMPTY : EntryKind.COMMAND;
    return new Entry(index, term, number(), kind, Bytes.wrap(payload));
  }

  private Checkpoint checkpoint() {
    return new Checkpoint(number(), random.nextInt(256), random.nextLong());
  }

  private Verdict verdict() {
    return List.of(Verdict.values()).get(random.nextInt(3));
  }

  private EntryId id() {
    return random.nextInt(4) == 0 ? EntryId.NONE : new EntryId(positive(), positive());
  }

  /** Of any magnitude. */
  private long number() {
    return random.nextLong() >>> (1 + random.nextInt(63));
  }

  private long positive() {
    return Math.max(1, number());
  }
}
