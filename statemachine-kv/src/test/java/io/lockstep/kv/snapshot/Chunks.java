package io.lockstep.kv.snapshot;

import io.lockstep.kv.KvStateMachine;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.statemachine.ChunkSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Snapshots as lists of chunks. */
public final class Chunks {
  private Chunks() {}

  /** The snapshot of all that {@code machine} has applied. */
  public static List<Bytes> of(KvStateMachine machine) {
    List<Bytes> chunks = new ArrayList<>();
    try {
      machine.snapshot().writeTo(chunks::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return chunks;
  }

  public static ChunkSource source(List<Bytes> chunks) {
    Iterator<Bytes> rest = chunks.iterator();
    return () -> rest.hasNext() ? rest.next() : null;
  }

  /** A machine that has nothing but the snapshot, published. */
  public static KvStateMachine restored(List<Bytes> chunks) {
    KvStateMachine machine = new KvStateMachine(() -> {});
    try {
      machine.restore(source(chunks));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    machine.publish();
    return machine;
  }
}
