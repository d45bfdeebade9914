package io.lockstep.raft.wire;

import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.Message;
import io.lockstep.raft.StateAgreement.Verdict;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of one {@link Message}: format version, type, fields. Decoding is strict: what
 * {@link #encode} never writes is {@link Malformed}, found before anything is allocated for it.
 * Type codes are never reused.
 */
public final class MessageCodec {
  /** The format version that this build writes, and the only one that it reads. */
  public static final int VERSION = 1;

  private static final int PRE_VOTE = 1;
  private static final int PRE_VOTE_REPLY = 2;
  private static final int VOTE = 3;
  private static final int VOTE_REPLY = 4;
  private static final int APPEND = 5;
  private static final int APPENDED = 6;
  private static final int APPEND_REJECTED = 7;
  private static final int HEARTBEAT = 8;
  private static final int HEARTBEAT_REPLY = 9;
  private static final int READ_INDEX = 10;
  private static final int READ_INDEX_REFUSED = 12;
  private static final int TIMEOUT_NOW = 13;
  private static final int STATE_REPORT = 14;
  private static final int STATE_VERDICT = 15;

  /** Was 11, without cluster time, before there was a release. */
  private static final int READ_INDEX_REPLY = 16;

  /** Room for version, type and the numbers of any message. */
  private static final int FIXED_BYTES_MAX = 64;

  private MessageCodec() {}

  /** An upper bound of the encoded size, from the entries' weights. */
  public static int sizeMax(Message message) {
    int size = FIXED_BYTES_MAX;
    if (message instanceof Message.Append append) {
      for (Entry entry : append.entries()) {
        size += entry.weightBytes();
      }
    }
    return size;
  }

  public static void encode(Message message, ByteWriter target) {
    target.u8(VERSION);
    switch (message) {
      case Message.PreVote m -> id(head(target, PRE_VOTE, m), m.lastLog());
      case Message.PreVoteReply m -> head(target, PRE_VOTE_REPLY, m).bool(m.granted());
      case Message.Vote m -> id(head(target, VOTE, m), m.lastLog()).bool(m.transfer());
      case Message.VoteReply m -> head(target, VOTE_REPLY, m).bool(m.granted());
      case Message.Append m -> append(head(target, APPEND, m), m);
      case Message.Appended m -> head(target, APPENDED, m).varint(m.match()).varint(m.round());
      case Message.AppendRejected m ->
          id(id(head(target, APPEND_REJECTED, m), m.rejected()), m.hint()).varint(m.round());
      case Message.Heartbeat m -> head(target, HEARTBEAT, m).varint(m.commit()).varint(m.round());
      case Message.HeartbeatReply m -> head(target, HEARTBEAT_REPLY, m).varint(m.round());
      case Message.ReadIndex m ->
          head(target, READ_INDEX, m).varint(m.startNumber()).varint(m.readId());
      case Message.ReadIndexReply m ->
          head(target, READ_INDEX_REPLY, m)
              .varint(m.startNumber())
              .varint(m.readId())
              .varint(m.index())
              .varint(m.last())
              .varint(m.clusterTimeMillis());
      case Message.ReadIndexRefused m ->
          head(target, READ_INDEX_REFUSED, m).varint(m.startNumber()).varint(m.readId());
      case Message.TimeoutNow m -> head(target, TIMEOUT_NOW, m);
      case Message.StateReport m -> checkpoint(head(target, STATE_REPORT, m), m.checkpoint());
      case Message.StateVerdict m ->
          checkpoint(head(target, STATE_VERDICT, m), m.others()).u8(code(m.verdict()));
    }
  }

  /** Reads the message that {@code source} holds, to its end. */
  public static Message decode(ByteReader source) {
    int version = source.u8();
    if (version != VERSION) {
      throw new Malformed("message format " + version + ", this build reads " + VERSION);
    }
    int type = source.u8();
    Message message = body(type, source.varint(), source);
    source.end();
    return message;
  }

  private static ByteWriter head(ByteWriter target, int type, Message message) {
    return target.u8(type).varint(message.term());
  }

  private static ByteWriter id(ByteWriter target, EntryId id) {
    return target.varint(id.term()).varint(id.index());
  }

  private static ByteWriter append(ByteWriter target, Message.Append message) {
    id(target, message.previous()).varint(message.commit()).varint(message.round());
    target.varint(message.entries().size());
    for (Entry entry : message.entries()) {
      EntryCodec.encode(entry, target);
    }
    return target;
  }

  private static Message body(int type, long term, ByteReader in) {
    return switch (type) {
      case PRE_VOTE -> new Message.PreVote(term, id(in));
      case PRE_VOTE_REPLY -> new Message.PreVoteReply(term, in.bool());
      case VOTE -> new Message.Vote(term, id(in), in.bool());
      case VOTE_REPLY -> new Message.VoteReply(term, in.bool());
      case APPEND -> append(term, in);
      case APPENDED -> new Message.Appended(term, in.varint(), in.varint());
      case APPEND_REJECTED -> new Message.AppendRejected(term, id(in), id(in), in.varint());
      case HEARTBEAT -> new Message.Heartbeat(term, in.varint(), in.varint());
      case HEARTBEAT_REPLY -> new Message.HeartbeatReply(term, in.varint());
      case READ_INDEX -> new Message.ReadIndex(term, in.varint(), in.varint());
      case READ_INDEX_REPLY ->
          new Message.ReadIndexReply(
              term, in.varint(), in.varint(), in.varint(), in.varint(), in.varint());
      case READ_INDEX_REFUSED -> new Message.ReadIndexRefused(term, in.varint(), in.varint());
      case TIMEOUT_NOW -> new Message.TimeoutNow(term);
      case STATE_REPORT -> new Message.StateReport(term, checkpoint(in));
      case STATE_VERDICT -> new Message.StateVerdict(term, checkpoint(in), verdict(in.u8()));
      default -> throw new Malformed("unknown message type " + type);
    };
  }

  private static ByteWriter checkpoint(ByteWriter target, Checkpoint checkpoint) {
    return target.varint(checkpoint.index()).u8(checkpoint.format()).i64(checkpoint.hash());
  }

  private static Checkpoint checkpoint(ByteReader in) {
    return new Checkpoint(in.varint(), in.u8(), in.i64());
  }

  private static int code(Verdict verdict) {
    return switch (verdict) {
      case AGREED -> 0;
      case UNDECIDED -> 1;
      case DIVERGED -> 2;
    };
  }

  private static Verdict verdict(int code) {
    return switch (code) {
      case 0 -> Verdict.AGREED;
      case 1 -> Verdict.UNDECIDED;
      case 2 -> Verdict.DIVERGED;
      default -> throw new Malformed("unknown verdict " + code);
    };
  }

  private static EntryId id(ByteReader in) {
    return new EntryId(in.varint(), in.varint());
  }

  private static Message append(long term, ByteReader in) {
    EntryId previous = id(in);
    long commit = in.varint();
    long round = in.varint();
    return new Message.Append(term, previous, entries(term, previous, in), commit, round);
  }

  /**
   * The entries follow {@code previous} without holes, in terms that never fall and never pass the
   * leader's.
   */
  private static List<Entry> entries(long leaderTerm, EntryId previous, ByteReader in) {
    int count = in.count();
    if (count > in.remaining() / EntryCodec.BYTES_MIN) {
      throw new Malformed(count + " entries in " + in.remaining() + " bytes");
    }
    List<Entry> entries = new ArrayList<>(count);
    EntryId last = previous;
    for (int i = 0; i < count; i++) {
      Entry entry = EntryCodec.decode(in);
      if (entry.index() != last.index() + 1
          || entry.term() < last.term()
          || entry.term() > leaderTerm) {
        throw new Malformed(entry.id() + " after " + last + " from a leader of term " + leaderTerm);
      }
      entries.add(entry);
      last = entry.id();
    }
    return entries;
  }
}
