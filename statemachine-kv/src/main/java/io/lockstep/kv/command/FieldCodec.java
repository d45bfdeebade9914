package io.lockstep.kv.command;

import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * Encodings of the fields that commands and results share. Each value has one encoding: what was
 * decoded gives the same bytes when it is encoded again.
 */
public final class FieldCodec {
  /** The most bytes of UTF-8 in a principal, scope, owner or content type. */
  public static final int TEXT_BYTES_MAX = 256;

  static final long MILLIS_MAX = 1L << 40;

  private static final String[] COMMON_TEXTS = {
    "",
    "text/plain",
    "text/plain; charset=utf-8",
    "text/plain;charset=UTF-8",
    "application/json",
    "application/octet-stream",
  };

  private FieldCodec() {}

  public static void write(ByteWriter out, LeaseId lease) {
    out.varint(lease.index()).i64(lease.nonce());
  }

  public static LeaseId leaseId(ByteReader in) {
    return new LeaseId(in.varint(), in.i64());
  }

  public static void write(ByteWriter out, TicketId ticket) {
    out.varint(ticket.index()).i64(ticket.nonce());
  }

  public static TicketId ticketId(ByteReader in) {
    return new TicketId(in.varint(), in.i64());
  }

  public static void write(ByteWriter out, LockName name) {
    out.u8(name.kind().code()).bytes(name.text());
  }

  /** A name whose length is not looked at. */
  public static LockName lockName(ByteReader in) {
    int code = in.u8();
    for (LockKind kind : LockKind.values()) {
      if (kind.code() == code) {
        return new LockName(kind, in.bytes());
      }
    }
    throw new Malformed("unknown kind of lock " + code);
  }

  /** A name of a kind that earlier versions do not have: they tell locks by their text alone. */
  public static LockName newerName(ByteReader in) {
    LockName name = lockName(in);
    if (name.kind() == LockKind.LOCK) {
      throw new Malformed("a lock is named as earlier versions know it");
    }
    return name;
  }

  /** Names of locks that follow another one. */
  public static void writeNames(ByteWriter out, List<LockName> names) {
    out.varint(names.size());
    names.forEach(name -> out.bytes(name.text()));
  }

  /** Names of locks, ascending, all of them after {@code first}. */
  public static List<LockName> namesAfter(ByteReader in, LockName first) {
    int count = count(in, LockName.TOGETHER_MAX - 1);
    List<LockName> names = new ArrayList<>(count);
    LockName last = first;
    for (int i = 0; i < count; i++) {
      LockName name = LockName.lock(in.bytes());
      if (last.kind() != LockKind.LOCK || last.compareTo(name) >= 0) {
        throw new Malformed("locks that are taken together do not ascend");
      }
      names.add(name);
      last = name;
    }
    return names;
  }

  public static LockMode lockMode(ByteReader in) {
    int code = in.u8();
    for (LockMode mode : LockMode.values()) {
      if (mode.code() == code) {
        return mode;
      }
    }
    throw new Malformed("unknown mode of a lock " + code);
  }

  private static void write(ByteWriter out, Bid bid) {
    out.i64(bid.priority()).bytes(bid.value());
  }

  private static Bid bid(ByteReader in) {
    long priority = in.i64();
    if (priority != (int) priority) {
      throw new Malformed("a priority of more than 32 bits");
    }
    return new Bid((int) priority, in.bytes());
  }

  /** Writes what is bid for something of this kind. */
  public static void write(ByteWriter out, LockKind kind, Bid bid) {
    switch (kind) {
      case LOCK, ELECTION -> write(out, bid);
      case SEMAPHORE -> write(out, bid.permits());
    }
  }

  /** What {@link #write(ByteWriter, LockKind, Bid)} wrote. */
  public static Bid bid(ByteReader in, LockKind kind) {
    return switch (kind) {
      case LOCK, ELECTION -> bid(in);
      case SEMAPHORE -> Bid.of(permits(in));
    };
  }

  public static void write(ByteWriter out, Permits permits) {
    out.varint(permits.count()).varint(permits.limit());
  }

  /** At least one permit, and no more than the semaphore has. */
  public static Permits permits(ByteReader in) {
    long count = in.varint();
    int limit = (int) number(in, Permits.LIMIT_MAX);
    if (count < 1 || count > limit) {
      throw new Malformed(count + " permits of " + limit);
    }
    return new Permits((int) count, limit);
  }

  public static void write(ByteWriter out, List<Label> labels) {
    out.varint(labels.size());
    labels.forEach(label -> out.text(label.name()).text(label.value()));
  }

  /** Labels in the order of their names, each name once. */
  public static List<Label> labels(ByteReader in) {
    int count = count(in, Label.COUNT_MAX);
    List<Label> labels = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Label label = new Label(text(in, Label.NAME_BYTES_MAX), text(in, Label.VALUE_BYTES_MAX));
      if (label.name().isEmpty() || i > 0 && labels.getLast().name().compareTo(label.name()) >= 0) {
        throw new Malformed("the names of labels do not ascend");
      }
      labels.add(label);
    }
    return labels;
  }

  public static void write(ByteWriter out, Server server) {
    out.text(server.node().text()).varint(server.startNumber());
  }

  public static Server server(ByteReader in) {
    String node = text(in);
    long startNumber = in.varint();
    try {
      return new Server(new NodeId(node), startNumber);
    } catch (IllegalArgumentException e) {
      throw new Malformed("a server is not a node's id");
    }
  }

  public static void write(ByteWriter out, Holder holder) {
    switch (holder) {
      case Holder.ExistingLease(LeaseId lease) -> write(out.u8(0), lease);
      case Holder.OwnLease(long ttlMillis) -> out.u8(1).varint(ttlMillis);
    }
  }

  public static Holder holder(ByteReader in) {
    int tag = in.u8();
    return switch (tag) {
      case 0 -> new Holder.ExistingLease(leaseId(in));
      case 1 -> new Holder.OwnLease(millis(in));
      default -> throw new Malformed("unknown holder " + tag);
    };
  }

  /** A time or a moment of cluster time. */
  public static long millis(ByteReader in) {
    return number(in, MILLIS_MAX);
  }

  /** A number of at most {@code max}. */
  public static long number(ByteReader in, long max) {
    long value = in.varint();
    if (value > max) {
      throw new Malformed(value + " where at most " + max + " is allowed");
    }
    return value;
  }

  /** How many things follow, each of at least one byte. */
  public static int count(ByteReader in, int max) {
    int count = in.count();
    if (count > max) {
      throw new Malformed(count + " elements where at most " + max + " are allowed");
    }
    return count;
  }

  public static Bytes bytes(ByteReader in, int max) {
    Bytes value = in.bytes();
    if (value.length() > max) {
      throw new Malformed(value.length() + " bytes where at most " + max + " are allowed");
    }
    return value;
  }

  /** At most {@link #TEXT_BYTES_MAX} bytes of valid UTF-8. Common texts come as one object. */
  public static String text(ByteReader in) {
    return text(in, TEXT_BYTES_MAX);
  }

  static String text(ByteReader in, int max) {
    Bytes encoded = bytes(in, max);
    String text = encoded.utf8();
    if (text.indexOf('\uFFFD') >= 0 && !Bytes.utf8(text).equals(encoded)) {
      throw new Malformed("a text is not UTF-8");
    }
    for (String common : COMMON_TEXTS) {
      if (common.equals(text)) {
        return common;
      }
    }
    return text;
  }
}
