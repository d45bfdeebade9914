package io.lockstep.kv.id;

import io.lockstep.kv.store.Digest;
import io.lockstep.kv.store.MapCursor;
import io.lockstep.kv.store.OrderedMap;
import io.lockstep.raft.bytes.Bytes;

/**
 * All sequences and fences, by name. None is ever forgotten: an id or a token that was left behind
 * must not come again. Immutable; each change O(log n).
 */
public final class IdTables {
  /** What a fence counts for against the quota, without its name. */
  public static final long FENCE_WEIGHT_BYTES = 160;

  /** Nothing. */
  public static final IdTables EMPTY =
      new IdTables(
          OrderedMap.natural((name, sequence) -> new Digest(sequence.digest()).add(name).value()),
          OrderedMap.natural((name, token) -> new Digest(token).add(name).value()),
          Beginnings.OF_FIRST_EPOCH,
          0);

  private final OrderedMap<Bytes, Sequence> sequences;
  private final OrderedMap<Bytes, Long> fences;
  private final Beginnings beginnings;
  private final long weightBytes;

  private IdTables(
      OrderedMap<Bytes, Sequence> sequences,
      OrderedMap<Bytes, Long> fences,
      Beginnings beginnings,
      long weightBytes) {
    this.sequences = sequences;
    this.fences = fences;
    this.beginnings = beginnings;
    this.weightBytes = weightBytes;
  }

  /** With other beginnings of the numbers of names that are not known here. */
  public IdTables withBeginnings(Beginnings others) {
    return new IdTables(sequences, fences, others, weightBytes);
  }

  /** Where the numbers of names begin that are not known here. */
  public Beginnings beginnings() {
    return beginnings;
  }

  /** The sequence as it is; one that nobody has asked for begins with its epoch's numbers. */
  public Sequence sequence(Bytes name) {
    Sequence sequence = sequences.get(name);
    return sequence == null ? beginnings.sequence() : sequence;
  }

  /** What {@link #with(Bytes, Sequence)} of this name adds to {@link #weightBytes}. */
  public long growthBySequence(Bytes name) {
    return sequences.contains(name) ? 0 : Sequence.WEIGHT_BYTES + name.length();
  }

  /** With {@code sequence}, new or changed. */
  public IdTables with(Bytes name, Sequence sequence) {
    return new IdTables(
        sequences.put(name, sequence), fences, beginnings, weightBytes + growthBySequence(name));
  }

  /** The greatest token that the fence has seen, or may have seen before this epoch; else 0. */
  public long fence(Bytes name) {
    Long token = fences.get(name);
    return token == null ? beginnings.fence() : token;
  }

  /** What {@link #withFence} of this name adds to {@link #weightBytes}. */
  public long growthByFence(Bytes name) {
    return fences.contains(name) ? 0 : FENCE_WEIGHT_BYTES + name.length();
  }

  /** With a fence that has seen {@code token}. */
  public IdTables withFence(Bytes name, long token) {
    return new IdTables(
        sequences, fences.put(name, token), beginnings, weightBytes + growthByFence(name));
  }

  /** How many sequences there are. */
  public int sequenceCount() {
    return sequences.size();
  }

  /** A cursor over all sequences, by name. */
  public MapCursor<Bytes, Sequence> sequences() {
    return sequences.cursor();
  }

  /** How many fences there are. */
  public int fenceCount() {
    return fences.size();
  }

  /** A cursor over all fences, by name. */
  public MapCursor<Bytes, Long> fences() {
    return fences.cursor();
  }

  public long weightBytes() {
    return weightBytes;
  }

  /** What earlier versions did not have counts only where it is there: their digests stay. */
  public long digest() {
    Digest digest = new Digest(sequences.digest()).add(fences.digest());
    if (!beginnings.equals(Beginnings.OF_FIRST_EPOCH)) {
      beginnings.addTo(digest);
    }
    return digest.value();
  }
}
