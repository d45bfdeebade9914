package io.lockstep.sim;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.Contact;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Capture;
import io.lockstep.raft.node.ChangeCompletion;
import io.lockstep.raft.node.Completion;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.node.ReadCompletion;
import io.lockstep.raft.node.Timing;
import io.lockstep.raft.storage.LogStore.Room;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A node as its service sees it; subclasses make a mistake with what is proposed. */
class PlantedHandle implements RaftHandle<Applied> {
  private final RaftHandle<Applied> real;

  PlantedHandle(RaftHandle<Applied> real) {
    this.real = real;
  }

  @Override
  public void propose(Bytes command, Completion<Applied> completion) {
    real.propose(command, completion);
  }

  @Override
  public void read(ReadCompletion completion) {
    real.read(completion);
  }

  @Override
  public void changeMembership(
      MembershipChange change, List<Contact> known, ChangeCompletion completion) {
    real.changeMembership(change, known, completion);
  }

  @Override
  public RaftStatus status() {
    return real.status();
  }

  @Override
  public void capture(Consumer<@Nullable Capture> taken) {
    real.capture(taken);
  }

  @Override
  public Room room() {
    return real.room();
  }

  @Override
  public void transferLeadership(@Nullable NodeId to) {
    real.transferLeadership(to);
  }

  /** Something else comes into the log than was asked for. */
  static final class Rewrites extends PlantedHandle {
    private final BiFunction<NodeId, Command, Command> rule;

    /** {@code rule} gets the node, and what was asked for. */
    Rewrites(RaftHandle<Applied> real, BiFunction<NodeId, Command, Command> rule) {
      super(real);
      this.rule = rule;
    }

    @Override
    public void propose(Bytes command, Completion<Applied> completion) {
      Request request = RequestCodec.decode(command);
      Command other = rule.apply(status().self(), request.command());
      super.propose(
          RequestCodec.encode(new Request(request.principal(), request.key(), other)), completion);
    }
  }

  /** A crowded queue refuses, and takes the command all the same. */
  static final class RefusesWhatItTakes extends PlantedHandle {
    private static final int MANY = 100;

    private int open;

    RefusesWhatItTakes(RaftHandle<Applied> real) {
      super(real);
    }

    @Override
    public void propose(Bytes command, Completion<Applied> completion) {
      if (open < MANY) {
        open++;
        super.propose(command, new Counted(completion));
      } else {
        super.propose(command, new Unheard());
        completion.failed(new Outcome.Overloaded());
      }
    }

    private final class Counted implements Completion<Applied> {
      private final Completion<Applied> completion;

      Counted(Completion<Applied> completion) {
        this.completion = completion;
      }

      @Override
      public void applied(long index, Applied result, Timing timing) {
        open--;
        completion.applied(index, result, timing);
      }

      @Override
      public void failed(Outcome outcome) {
        open--;
        completion.failed(outcome);
      }
    }

    private static final class Unheard implements Completion<Applied> {
      @Override
      public void applied(long index, Applied result, Timing timing) {}

      @Override
      public void failed(Outcome outcome) {}
    }
  }

  /** A crowded queue refuses renewals like everything else. */
  static final class KnowsNoLanes extends PlantedHandle {
    private static final int MANY = 100;

    private int open;

    KnowsNoLanes(RaftHandle<Applied> real) {
      super(real);
    }

    @Override
    public void propose(Bytes command, Completion<Applied> completion) {
      if (open >= MANY) {
        completion.failed(new Outcome.Overloaded());
        return;
      }
      open++;
      super.propose(
          command,
          new Completion<>() {
            @Override
            public void applied(long index, Applied result, Timing timing) {
              open--;
              completion.applied(index, result, timing);
            }

            @Override
            public void failed(Outcome outcome) {
              open--;
              completion.failed(outcome);
            }
          });
    }
  }
}
