package io.lockstep.kv.store;

import io.lockstep.kv.command.LockName;
import io.lockstep.raft.bytes.Bytes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A 64-bit hash over a sequence of fields, the same in every process. It tells replicas that differ
 * by accident; it does not resist an adversary. Not thread-safe.
 */
public final class Digest {
  private static final long STEP = 0x9e3779b97f4a7c15L;

  private long state;

  public Digest(long seed) {
    state = mixed(seed + STEP);
  }

  public Digest add(long value) {
    state = mixed(state ^ value) + STEP;
    return this;
  }

  public Digest add(boolean value) {
    return add(value ? 1 : 2);
  }

  public Digest add(Bytes value) {
    ByteBuffer bytes = value.asBuffer();
    add(bytes.remaining());
    while (bytes.remaining() >= Long.BYTES) {
      add(bytes.getLong());
    }
    long rest = 0;
    while (bytes.hasRemaining()) {
      rest = rest << Byte.SIZE | bytes.get() & 0xff;
    }
    return add(rest);
  }

  public Digest add(LockName name) {
    return add(name.kind().code()).add(name.text());
  }

  public Digest add(String value) {
    add(value.length());
    for (int i = 0; i < value.length(); i++) {
      add(value.charAt(i));
    }
    return this;
  }

  /** Null differs from every text. */
  public Digest addNullable(@Nullable Object value) {
    return value == null ? add(false) : add(true).add(value.toString());
  }

  public long value() {
    return mixed(state);
  }

  private static long mixed(long value) {
    long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
