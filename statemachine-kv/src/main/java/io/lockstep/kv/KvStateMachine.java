package io.lockstep.kv;

import io.lockstep.kv.apply.EntryApplier;
import io.lockstep.kv.apply.EntryApplier.Step;
import io.lockstep.kv.apply.Rules;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.raft.Entry;
import io.lockstep.raft.statemachine.ChunkSource;
import io.lockstep.raft.statemachine.StateHash;
import io.lockstep.raft.statemachine.StateMachine;
import io.lockstep.raft.statemachine.StateSnapshot;
import java.io.IOException;

/**
 * The replicated state machine: the only entry point of changes. {@link #apply}, {@link
 * #nextDueMillis} and {@link #publish} belong to one thread; {@link #view} may be called by any.
 *
 * <p>Applying any entry, also one without command, first ends what its stamp makes due.
 */
public final class KvStateMachine implements StateMachine<Applied> {
  private final EntryApplier applier;
  private final Runnable published;
  private State state = State.EMPTY;
  private volatile PublishedView view = new PublishedView(state);

  /**
   * @param published called by the applying thread after each {@link #publish}; must be cheap and
   *     must not throw
   */
  public KvStateMachine(Runnable published) {
    this(published, new Rules());
  }

  /** With rules of a test's own. */
  public KvStateMachine(Runnable published, Rules rules) {
    this.published = published;
    applier = new EntryApplier(rules);
  }

  @Override
  public Applied apply(Entry entry) {
    Step step = applier.apply(state, entry);
    state = step.state();
    return step.applied();
  }

  @Override
  public long nextDueMillis() {
    return state.nextDueMillis();
  }

  @Override
  public void publish() {
    view = new PublishedView(state);
    published.run();
  }

  @Override
  public StateSnapshot snapshot() {
    return new KvSnapshot(state);
  }

  @Override
  public StateHash hash() {
    return new HashOf(state);
  }

  private record HashOf(State state) implements StateHash {
    @Override
    public int format() {
      return State.DIGEST_FORMAT;
    }

    @Override
    public long value() {
      return state.digest();
    }
  }

  @Override
  public void restore(ChunkSource chunks) throws IOException {
    state = KvSnapshot.read(chunks);
  }

  /** What was published last. */
  public KvView view() {
    return view;
  }
}
