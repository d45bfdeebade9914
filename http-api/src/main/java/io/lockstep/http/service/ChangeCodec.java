package io.lockstep.http.service;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.ChangeRefusal;
import io.lockstep.raft.Contact;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import org.jspecify.annotations.Nullable;

/** The encoding of membership changes and of what became of them, between services. */
final class ChangeCodec {
  private static final int ADD = 1;
  private static final int PROMOTE = 2;
  private static final int REMOVE = 3;
  private static final int LEASE_READS = 4;

  private static final int DONE = 1;
  private static final int NOT_LEADER = 2;
  private static final int REFUSED = 3;
  private static final int OVERLOADED = 4;
  private static final int UNKNOWN = 5;

  private static final int IN_FLIGHT = 1;
  private static final int LEADER_TOO_NEW = 2;
  private static final int QUORUM_LOST = 3;
  private static final int LAST_VOTER = 4;
  private static final int UNKNOWN_MEMBER = 5;
  private static final int ALREADY_MEMBER = 6;
  private static final int NOT_CAUGHT_UP = 7;
  private static final int TOO_MANY_VOTERS = 8;
  private static final int TOO_MANY_LEARNERS = 9;

  private ChangeCodec() {}

  static void write(MembershipChange change, ByteWriter out) {
    switch (change) {
      case MembershipChange.AddLearner(Contact contact, boolean observer, NodeId replaces) -> {
        out.u8(ADD).text(contact.id().text()).text(contact.storage());
        out.text(contact.peer()).text(contact.client()).bool(observer);
        writeOptional(replaces, out);
      }
      case MembershipChange.Promote(NodeId id) -> out.u8(PROMOTE).text(id.text());
      case MembershipChange.Remove(NodeId id) -> out.u8(REMOVE).text(id.text());
      case MembershipChange.LeaseReads(boolean on) -> out.u8(LEASE_READS).bool(on);
    }
  }

  static MembershipChange change(ByteReader in) {
    try {
      int kind = in.u8();
      return switch (kind) {
        case ADD -> {
          Contact contact = new Contact(id(in), in.text(), in.text(), in.text());
          yield new MembershipChange.AddLearner(contact, in.bool(), optional(in));
        }
        case PROMOTE -> new MembershipChange.Promote(id(in));
        case REMOVE -> new MembershipChange.Remove(id(in));
        case LEASE_READS -> new MembershipChange.LeaseReads(in.bool());
        default -> throw new Malformed("unknown membership change " + kind);
      };
    } catch (IllegalArgumentException e) {
      throw new Malformed("no membership change: " + e.getMessage());
    }
  }

  static void write(ChangeOutcome outcome, ByteWriter out) {
    switch (outcome) {
      case ChangeOutcome.Done done ->
          out.u8(DONE).varint(done.index()).bytes(MembershipCodec.encode(done.membership()));
      case ChangeOutcome.NotLeader(NodeId leader) -> writeOptional(leader, out.u8(NOT_LEADER));
      case ChangeOutcome.Refused(ChangeRefusal reason) -> write(reason, out.u8(REFUSED));
      case ChangeOutcome.Overloaded _ -> out.u8(OVERLOADED);
      case ChangeOutcome.Unknown _ -> out.u8(UNKNOWN);
    }
  }

  static ChangeOutcome outcome(ByteReader in) {
    try {
      int kind = in.u8();
      return switch (kind) {
        case DONE -> new ChangeOutcome.Done(in.varint(), MembershipCodec.decode(in.bytes()));
        case NOT_LEADER -> new ChangeOutcome.NotLeader(optional(in));
        case REFUSED -> new ChangeOutcome.Refused(refusal(in));
        case OVERLOADED -> new ChangeOutcome.Overloaded();
        case UNKNOWN -> new ChangeOutcome.Unknown();
        default -> throw new Malformed("unknown outcome of a membership change " + kind);
      };
    } catch (IllegalArgumentException e) {
      throw new Malformed("no outcome of a membership change: " + e.getMessage());
    }
  }

  private static void write(ChangeRefusal reason, ByteWriter out) {
    switch (reason) {
      case ChangeRefusal.InFlight(long index) -> out.u8(IN_FLIGHT).varint(index);
      case ChangeRefusal.LeaderTooNew _ -> out.u8(LEADER_TOO_NEW);
      case ChangeRefusal.QuorumLost lost ->
          out.u8(QUORUM_LOST)
              .varint(lost.voters())
              .varint(lost.heard())
              .varint(lost.needed())
              .bool(lost.after());
      case ChangeRefusal.LastVoter(NodeId id) -> out.u8(LAST_VOTER).text(id.text());
      case ChangeRefusal.UnknownMember(NodeId id) -> out.u8(UNKNOWN_MEMBER).text(id.text());
      case ChangeRefusal.AlreadyMember(NodeId id) -> out.u8(ALREADY_MEMBER).text(id.text());
      case ChangeRefusal.NotCaughtUp behind ->
          out.u8(NOT_CAUGHT_UP)
              .text(behind.id().text())
              .varint(behind.matchIndex())
              .varint(behind.lastIndex());
      case ChangeRefusal.TooManyVoters(int max) -> out.u8(TOO_MANY_VOTERS).varint(max);
      case ChangeRefusal.TooManyLearners(int max) -> out.u8(TOO_MANY_LEARNERS).varint(max);
    }
  }

  private static ChangeRefusal refusal(ByteReader in) {
    int kind = in.u8();
    return switch (kind) {
      case IN_FLIGHT -> new ChangeRefusal.InFlight(in.varint());
      case LEADER_TOO_NEW -> new ChangeRefusal.LeaderTooNew();
      case QUORUM_LOST -> new ChangeRefusal.QuorumLost(small(in), small(in), small(in), in.bool());
      case LAST_VOTER -> new ChangeRefusal.LastVoter(id(in));
      case UNKNOWN_MEMBER -> new ChangeRefusal.UnknownMember(id(in));
      case ALREADY_MEMBER -> new ChangeRefusal.AlreadyMember(id(in));
      case NOT_CAUGHT_UP -> new ChangeRefusal.NotCaughtUp(id(in), in.varint(), in.varint());
      case TOO_MANY_VOTERS -> new ChangeRefusal.TooManyVoters(small(in));
      case TOO_MANY_LEARNERS -> new ChangeRefusal.TooManyLearners(small(in));
      default -> throw new Malformed("unknown refusal of a membership change " + kind);
    };
  }

  static void writeOptional(@Nullable NodeId id, ByteWriter out) {
    out.bool(id != null);
    if (id != null) {
      out.text(id.text());
    }
  }

  static @Nullable NodeId optional(ByteReader in) {
    try {
      return in.bool() ? id(in) : null;
    } catch (IllegalArgumentException e) {
      throw new Malformed("no node id: " + e.getMessage());
    }
  }

  private static NodeId id(ByteReader in) {
    return new NodeId(in.text());
  }

  private static int small(ByteReader in) {
    long value = in.varint();
    if (value > Byte.MAX_VALUE) {
      throw new Malformed("a count of members is small, not " + value);
    }
    return (int) value;
  }
}
