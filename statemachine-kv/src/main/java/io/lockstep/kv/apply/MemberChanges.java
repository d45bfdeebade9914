package io.lockstep.kv.apply;

import io.lockstep.kv.command.Command.AnnounceAddress;
import io.lockstep.kv.command.Command.PublishKey;
import io.lockstep.kv.member.MemberEntry;
import io.lockstep.kv.member.MemberRole;
import io.lockstep.kv.member.MemberTable;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.Done;
import io.lockstep.kv.watch.Event.MemberChange;
import io.lockstep.raft.Membership;
import io.lockstep.raft.MembershipCodec;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** Changes of who takes part, of where clients reach them, and of their public keys. */
final class MemberChanges {
  /** What a resource's clock may be slow by, and more. */
  private static final long KEPT_LONGER_MILLIS = 3_600_000;

  private MemberChanges() {}

  /**
   * A membership entry is committed. One of an earlier format is not told: nodes of an earlier
   * version have applied it without.
   */
  static void membership(Draft draft, Bytes payload) {
    if (!MembershipCodec.isTold(payload)) {
      return;
    }
    Membership next = MembershipCodec.decode(payload);
    MemberTable known = draft.members;
    MemberTable before =
        known.members().isEmpty()
            ? new MemberTable(MemberTable.before(next), known.addresses(), known.keys())
            : known;
    MemberTable after = before.with(next, keysUntil(draft));
    draft.members = after;
    for (MemberEntry member : after.members()) {
      MemberRole role = before.role(member.id());
      if (role == null) {
        draft.memberChanged(MemberChange.ADDED, member, after.address(member.id()));
      } else if (role != member.role()) {
        draft.memberChanged(MemberChange.PROMOTED, member, after.address(member.id()));
      }
    }
    for (MemberEntry member : before.members()) {
      if (after.role(member.id()) == null) {
        draft.memberChanged(MemberChange.REMOVED, member, before.address(member.id()));
      }
    }
    draft.closeRevision();
  }

  /**
   * A member says where clients reach it. What a founder says first is part of the first start and
   * no change; and what arrives from one that has left is of no use.
   */
  static Result announce(Draft draft, AnnounceAddress announce) {
    NodeId id = announce.member();
    @Nullable String known = draft.members.address(id);
    if (!draft.members.mayHaveAddress(id) || announce.url().equals(known)) {
      return new Done();
    }
    draft.members = draft.members.withAddress(id, announce.url());
    if (known != null) {
      MemberRole role = draft.members.role(id);
      MemberEntry member = new MemberEntry(id, role == null ? MemberRole.VOTER : role);
      draft.memberChanged(MemberChange.ADDRESS, member, announce.url());
    }
    return new Done();
  }

  /**
   * A member signs grants with another key from now on. One that signs with it already, has left,
   * or has too many keys that may still be needed is answered alike, and nothing changes.
   */
  static Result publish(Draft draft, PublishKey publish) {
    MemberTable known = draft.members;
    @Nullable PublishedKey inUse = known.keys().inUse(publish.member());
    boolean same = inUse != null && inUse.bytes().equals(publish.key());
    if (!same && known.mayPublish(publish.member(), publish.key())) {
      draft.members = known.withKey(publish.member(), publish.key(), draft.now, keysUntil(draft));
    }
    return new Done();
  }

  /** Until when a key is kept that signs no more: no lease runs longer from now on. */
  private static long keysUntil(Draft draft) {
    return draft.now + draft.limits.leaseTtlMillisMax() + KEPT_LONGER_MILLIS;
  }

  /** Forgets the keys that no running grant is signed with. */
  static void forgetKeys(Draft draft) {
    if (draft.rules.due(draft.now, draft.members.keys().firstDueMillis())) {
      draft.members = draft.members.at(draft.now);
    }
  }
}
