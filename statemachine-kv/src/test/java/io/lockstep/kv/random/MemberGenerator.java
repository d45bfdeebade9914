package io.lockstep.kv.random;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.raft.Contact;
import io.lockstep.raft.Learner;
import io.lockstep.raft.Membership;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Memberships that come out of nowhere, of few nodes, and what these say of themselves. */
public final class MemberGenerator {
  private final SplittableRandom random;

  public MemberGenerator(SplittableRandom random) {
    this.random = random;
  }

  private NodeId node() {
    return new NodeId("n" + random.nextInt(1, 6));
  }

  /** An address or a key. */
  public Command announcement() {
    if (random.nextInt(3) == 0) {
      byte[] key = new byte[32];
      key[0] = (byte) random.nextInt(6);
      return new PublishKey(node(), Bytes.wrap(key));
    }
    return new AnnounceAddress(node(), "http://" + random.nextInt(3));
  }

  public Membership membership() {
    List<NodeId> voters = List.of(node(), node());
    List<NodeId> outgoing = random.nextBoolean() ? List.of() : List.of(node());
    List<Learner> learners = new ArrayList<>();
    NodeId other = node();
    if (!voters.contains(other) && !outgoing.contains(other)) {
      learners.add(new Learner(other, random.nextBoolean(), null));
    }
    Contact contact = new Contact(node(), "s", "p", random.nextBoolean() ? "" : "http://told");
    return new Membership(voters, outgoing, learners, List.of(contact));
  }
}
