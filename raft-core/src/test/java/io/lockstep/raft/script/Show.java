package io.lockstep.raft.script;

import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.Checkpoint;
import io.lockstep.raft.Effect;
import io.lockstep.raft.Entry;
import io.lockstep.raft.EntryId;
import io.lockstep.raft.HardState;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftStatus;
import java.util.List;
import java.util.stream.Collectors;

/** How transcripts write messages, effects and states. */
final class Show {
  private Show() {}

  static String effect(NodeId node, Effect effect) {
    return switch (effect) {
      case Effect.SaveHardState save -> node + " saves " + hardState(save.hardState());
      case Effect.TruncateLog truncate -> node + " truncates from " + truncate.fromIndex();
      case Effect.AppendLog append -> node + " appends " + entries(append.entries());
      case Effect.ReadLog read ->
          node + " reads its log from " + read.from() + " up to " + (read.toExclusive() - 1);
      case Effect.CompactLog compact -> node + " keeps its log from " + compact.firstKept();
      case Effect.SendSnapshot send -> node + " sends a snapshot to " + send.to();
      case Effect.RestoreSnapshot restore ->
          node
              + " installs the snapshot of "
              + id(restore.meta().last())
              + (restore.keepsLog() ? " and keeps what follows" : " and drops its log");
      case Effect.EndRepair _ -> node + " is whole again";
      case Effect.Send send -> node + " -> " + send.to() + " " + message(send.message());
      case Effect.Apply apply -> node + " applies " + entries(apply.entries());
      case Effect.MembershipChanged changed ->
          node + " goes by " + membership(changed.membership());
      case Effect.StateDiverged diverged ->
          node
              + " has diverged: "
              + checkpoint(diverged.own())
              + ", the majority "
              + checkpoint(diverged.majoritys());
      case Effect.ChangeAnswered answered ->
          node + " tells " + answered.ticket() + ": " + change(answered.outcome());
      case Effect.Complete complete ->
          node + " tells " + complete.ticket() + ": " + outcome(complete.outcome());
    };
  }

  static String message(Message message) {
    String text =
        switch (message) {
          case Message.PreVote m -> "PreVote, its log ends at " + id(m.lastLog());
          case Message.PreVoteReply m -> "PreVoteReply " + yes(m.granted());
          case Message.Vote m ->
              "Vote, its log ends at " + id(m.lastLog()) + (m.transfer() ? ", by transfer" : "");
          case Message.VoteReply m -> "VoteReply " + yes(m.granted());
          case Message.Append m ->
              "Append after "
                  + id(m.previous())
                  + " "
                  + entries(m.entries())
                  + commit(m.commit())
                  + round(m.round());
          case Message.Appended m -> "Appended up to " + m.match() + round(m.round());
          case Message.AppendRejected m ->
              "AppendRejected " + id(m.rejected()) + ", perhaps " + id(m.hint()) + round(m.round());
          case Message.Heartbeat m -> "Heartbeat" + commit(m.commit()) + round(m.round());
          case Message.HeartbeatReply m -> "HeartbeatReply" + round(m.round());
          case Message.ReadIndex m -> "ReadIndex " + m.startNumber() + "." + m.readId();
          case Message.ReadIndexReply m ->
              "ReadIndexReply " + m.startNumber() + "." + m.readId() + " at " + m.index();
          case Message.ReadIndexRefused m ->
              "ReadIndexRefused " + m.startNumber() + "." + m.readId();
          case Message.TimeoutNow _ -> "TimeoutNow";
          case Message.StateReport m -> "StateReport " + checkpoint(m.checkpoint());
          case Message.StateVerdict m -> m.verdict() + ", others " + checkpoint(m.others());
        };
    return "[" + message.term() + "] " + text;
  }

  private static String checkpoint(Checkpoint checkpoint) {
    return "%016x at %d".formatted(checkpoint.hash(), checkpoint.index());
  }

  static String status(RaftStatus status) {
    return "%s %s term %d leader %s last %s flushed %d committed %d applied %d%s"
        .formatted(
            status.self(),
            status.role(),
            status.term(),
            status.leader() == null ? "-" : status.leader(),
            id(status.lastLog()),
            status.flushedIndex(),
            status.commitIndex(),
            status.appliedIndex(),
            status.repairing() ? " repairing" : "");
  }

  static String entries(List<Entry> entries) {
    return entries.stream().map(Show::entry).collect(Collectors.joining(" ", "(", ")"));
  }

  private static String entry(Entry entry) {
    String payload =
        switch (entry.kind()) {
          case EMPTY -> "";
          case COMMAND -> " " + entry.payload();
          case MEMBERSHIP -> " " + membership(MembershipCodec.decode(entry.payload()));
        };
    return id(entry.id()) + payload;
  }

  /** Voters, those of both sets while joint, and learners, as {@code [a b]+[a b c] learners d}. */
  static String membership(Membership membership) {
    String joint = membership.joint() ? "+" + names(membership.outgoing()) : "";
    String learners =
        membership.learners().stream()
            .map(each -> " " + (each.observer() ? "observer " : "learner ") + each.id())
            .collect(Collectors.joining());
    return names(membership.voters()) + joint + learners;
  }

  private static String names(List<NodeId> ids) {
    return ids.stream().map(NodeId::text).collect(Collectors.joining(" ", "[", "]"));
  }

  private static String change(ChangeOutcome outcome) {
    return switch (outcome) {
      case ChangeOutcome.Done done -> "done at " + done.index();
      case ChangeOutcome.NotLeader _ -> "not leader";
      case ChangeOutcome.Refused refused -> "refused, " + refused.reason();
      case ChangeOutcome.Overloaded _ -> "overloaded";
      case ChangeOutcome.Unknown _ -> "unknown";
    };
  }

  private static String outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Committed(long index) -> "committed at " + index;
      case Outcome.ReadAt(long index) -> "read at " + index;
      case Outcome.NotLeader notLeader ->
          "not leader" + (notLeader.leader() == null ? "" : ", " + notLeader.leader() + " is");
      case Outcome.Overloaded _ -> "overloaded";
      case Outcome.Unknown _ -> "unknown";
    };
  }

  private static String hardState(HardState state) {
    return "term " + state.term() + (state.votedFor() == null ? "" : " vote " + state.votedFor());
  }

  /** Term and index, as {@code 2.7}. */
  private static String id(EntryId id) {
    return id.term() + "." + id.index();
  }

  private static String commit(long commit) {
    return " commit " + commit;
  }

  private static String round(long round) {
    return round == 0 ? "" : " round " + round;
  }

  private static String yes(boolean granted) {
    return granted ? "yes" : "no";
  }
}
