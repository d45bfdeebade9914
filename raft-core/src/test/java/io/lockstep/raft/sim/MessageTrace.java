package io.lockstep.raft.sim;

import io.lockstep.raft.Message;

/** Notes protocol messages in the trace. */
final class MessageTrace {
  private MessageTrace() {}

  static void note(Simulation simulation, int from, int to, Message message) {
    long pair = message.term() << 8 | to + 1;
    simulation.trace().note(simulation.now(), from, name(message), pair, figure(message), message);
  }

  private static String name(Message message) {
    return switch (message) {
      case Message.PreVote m -> "PreVote";
      case Message.PreVoteReply m -> "PreVoteReply";
      case Message.Vote m -> "Vote";
      case Message.VoteReply m -> "VoteReply";
      case Message.Append m -> "Append";
      case Message.Appended m -> "Appended";
      case Message.AppendRejected m -> "AppendRejected";
      case Message.Heartbeat m -> "Heartbeat";
      case Message.HeartbeatReply m -> "HeartbeatReply";
      case Message.ReadIndex m -> "ReadIndex";
      case Message.ReadIndexReply m -> "ReadIndexReply";
      case Message.ReadIndexRefused m -> "ReadIndexRefused";
      case Message.TimeoutNow m -> "TimeoutNow";
      case Message.StateReport m -> "StateReport";
      case Message.StateVerdict m -> "StateVerdict";
    };
  }

  private static long figure(Message message) {
    return switch (message) {
      case Message.PreVote m -> m.lastLog().index();
      case Message.PreVoteReply m -> m.granted() ? 1 : 0;
      case Message.Vote m -> m.lastLog().index();
      case Message.VoteReply m -> m.granted() ? 1 : 0;
      case Message.Append m -> m.previous().index() * 1_000 + m.entries().size();
      case Message.Appended m -> m.match() * 1_000 + m.round();
      case Message.AppendRejected m -> m.hint().index();
      case Message.Heartbeat m -> m.commit() * 1_000 + m.round();
      case Message.HeartbeatReply m -> m.round();
      case Message.ReadIndex m -> m.readId();
      case Message.ReadIndexReply m -> m.index();
      case Message.ReadIndexRefused m -> m.readId();
      case Message.TimeoutNow m -> 0;
      case Message.StateReport m -> m.checkpoint().index();
      case Message.StateVerdict m -> m.others().index();
    };
  }
}
