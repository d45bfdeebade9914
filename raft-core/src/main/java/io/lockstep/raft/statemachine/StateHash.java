package io.lockstep.raft.statemachine;

/**
 * The hash of all state as it was after one entry, to be computed while later entries are applied.
 * Immutable and cheap to hold. Any thread may ask.
 */
public interface StateHash {
  /** Counts up when the hash comes to cover something else; from 0 to 255. */
  int format();

  /**
   * Equal for equal states, however each came about. Takes time: about what changed since the last
   * hash that was asked for.
   */
  long value();

  /** One that is known already. */
  static StateHash of(int format, long value) {
    return new StateHash() {
      @Override
      public int format() {
        return format;
      }

      @Override
      public long value() {
        return value;
      }
    };
  }
}
