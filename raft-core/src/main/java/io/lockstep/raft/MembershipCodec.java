package io.lockstep.raft;

import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * The encoding of a {@link Membership}, as entries and snapshots carry it: format version, then the
 * four lists, then the lease. Format 1 had no lease and is read as one that is off. Since format 4
 * the state machine tells of an entry's changes; otherwise that is format 2. Decoding is strict:
 * what {@link #encode} never writes is {@link Malformed}.
 */
public final class MembershipCodec {
  /** The format version that this build writes. There is no 3: a flipped bit would make 2 of it. */
  public static final int VERSION = 4;

  private static final int WITHOUT_LEASE = 1;
  private static final int UNTOLD = 2;

  private static final int MEMBERS_MAX = 2 * Membership.VOTERS_MAX + Membership.LEARNERS_MAX;
  private static final int OBSERVER = 1;
  private static final int REPLACES = 2;

  private MembershipCodec() {}

  public static Bytes encode(Membership membership) {
    return encode(membership, VERSION);
  }

  /** Whether the changes of an entry with this payload are told to those who watch members. */
  public static boolean isTold(Bytes payload) {
    return payload.at(0) > UNTOLD;
  }

  private static Bytes encode(Membership membership, int version) {
    ByteWriter target = new ByteWriter(256).u8(version);
    ids(membership.voters(), target);
    ids(membership.outgoing(), target);
    target.varint(membership.learners().size());
    for (Learner learner : membership.learners()) {
      NodeId replaces = learner.replaces();
      int flags = (learner.observer() ? OBSERVER : 0) | (replaces == null ? 0 : REPLACES);
      target.text(learner.id().text()).u8(flags);
      if (replaces != null) {
        target.text(replaces.text());
      }
    }
    target.varint(membership.contacts().size());
    for (Contact contact : membership.contacts()) {
      target.text(contact.id().text()).text(contact.storage());
      target.text(contact.peer()).text(contact.client());
    }
    if (version != WITHOUT_LEASE) {
      target.varint(membership.leaseMillis());
    }
    return target.toBytes();
  }

  /** Reads what {@code bytes} hold, to their end. */
  public static Membership decode(Bytes bytes) {
    ByteReader source = new ByteReader(bytes);
    int version = source.u8();
    if (version != VERSION && version != UNTOLD && version != WITHOUT_LEASE) {
      throw new Malformed("membership format " + version + ", this build reads up to " + VERSION);
    }
    try {
      Membership read =
          new Membership(
              ids(source),
              ids(source),
              learners(source),
              contacts(source),
              version == WITHOUT_LEASE ? 0 : source.varint());
      source.end();
      if (!encode(read, version).equals(bytes)) {
        throw new Malformed("a membership is written in one way");
      }
      return read;
    } catch (Invariant.Broken | IllegalArgumentException e) {
      throw new Malformed("no membership: " + e.getMessage());
    }
  }

  private static void ids(List<NodeId> ids, ByteWriter target) {
    target.varint(ids.size());
    ids.forEach(id -> target.text(id.text()));
  }

  private static List<NodeId> ids(ByteReader source) {
    int count = count(source, Membership.VOTERS_MAX);
    List<NodeId> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(new NodeId(source.text()));
    }
    return ids;
  }

  private static List<Learner> learners(ByteReader source) {
    int count = count(source, Membership.LEARNERS_MAX);
    List<Learner> learners = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      NodeId id = new NodeId(source.text());
      int flags = source.u8();
      NodeId replaces = (flags & REPLACES) == 0 ? null : new NodeId(source.text());
      learners.add(new Learner(id, (flags & OBSERVER) != 0, replaces));
    }
    return learners;
  }

  private static List<Contact> contacts(ByteReader source) {
    int count = count(source, MEMBERS_MAX);
    List<Contact> contacts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      NodeId id = new NodeId(source.text());
      contacts.add(new Contact(id, source.text(), source.text(), source.text()));
    }
    return contacts;
  }

  private static int count(ByteReader source, int max) {
    int count = source.count();
    if (count > max) {
      throw new Malformed(count + " of at most " + max);
    }
    return count;
  }
}
