package io.lockstep.raft;

import io.lockstep.raft.node.CoreFactory;
import io.lockstep.raft.quorum.VoteResult;
import java.util.ArrayList;
import java.util.List;

/** Rules of the protocol with one mistake each, for the simulator to find. */
public final class PlantedRules {
  private PlantedRules() {}

  private static CoreFactory with(Rules rules) {
    return (self, membership, options, hardState, log, startNumber, seed, now) ->
        new RaftCore(self, membership, options, hardState, log, startNumber, seed, now, rules);
  }

  /** Counts answers, not voters: a repeated message is a second vote. */
  public static CoreFactory votesCountedTwice() {
    return with(
        new Rules() {
          @Override
          Votes votes(Membership membership) {
            return new Votes(membership) {
              private int granted;

              @Override
              VoteResult record(NodeId voter, boolean yes) {
                granted += yes ? 1 : 0;
                return VoteResult.of(membership.voters().size(), granted, 0);
              }
            };
          }
        });
  }

  /** Raises its term without asking first whether it could win. */
  public static CoreFactory campaignsWithoutPreVote() {
    return with(
        new Rules() {
          @Override
          Votes preVotes(Membership membership) {
            return new Votes(membership) {
              @Override
              VoteResult record(NodeId voter, boolean yes) {
                return VoteResult.WON;
              }
            };
          }
        });
  }

  /** Votes again in a term in which it has voted. */
  public static CoreFactory twoVotesInOneTerm() {
    return withElections(
        (member, seed) ->
            new Elections(member, seed) {
              @Override
              boolean mayVoteFor(NodeId candidate) {
                return true;
              }
            });
  }

  /** Votes for a candidate whose log is behind its own. */
  public static CoreFactory votesForOutdatedLogs() {
    return withElections(
        (member, seed) ->
            new Elections(member, seed) {
              @Override
              boolean upToDate(EntryId candidatesLast) {
                return true;
              }
            });
  }

  /** Votes and campaigns while entries are lost that it may have acknowledged. */
  public static CoreFactory votesUnderRepair() {
    return withElections(
        (member, seed) ->
            new Elections(member, seed) {
              @Override
              boolean takesPart() {
                return true;
              }
            });
  }

  /** Under repair it goes on claiming what the leader believes that it has. */
  public static CoreFactory claimsWhatItLost() {
    return with(
        new Rules() {
          @Override
          Following following(Member member, NodeId leader) {
            return new Following(member, leader) {
              @Override
              void heartbeat(Message.Heartbeat message) {
                super.heartbeat(message);
                if (member.repairing) {
                  long believed = message.commit();
                  member.send(leader, new Message.Appended(member.term(), believed, 0));
                }
              }
            };
          }
        });
  }

  private interface MakesElections {
    Elections make(Member member, long seed);
  }

  private static CoreFactory withElections(MakesElections made) {
    return with(
        new Rules() {
          @Override
          Elections elections(Member member, long seed) {
            return made.make(member, seed);
          }
        });
  }

  /** Commits an entry of an earlier term because a majority holds it. */
  public static CoreFactory commitsOldTermsByCounting() {
    return withReplication(
        member ->
            new Replication(member) {
              @Override
              boolean mayCommit(long index) {
                return true;
              }
            });
  }

  /** Counts its own copy of an entry before it is on its disk. */
  public static CoreFactory leaderCountsUnflushed() {
    return withReplication(
        member ->
            new Replication(member) {
              @Override
              long ownMatch() {
                return member.log.lastIndex();
              }
            });
  }

  /** Takes a read round for confirmed that nobody has answered. */
  public static CoreFactory roundsConfirmThemselves() {
    return withReplication(
        member ->
            new Replication(member) {
              @Override
              long roundEchoed() {
                return Long.MAX_VALUE;
              }
            });
  }

  private interface MakesReplication {
    Replication make(Member member);
  }

  private static CoreFactory withReplication(MakesReplication made) {
    return with(
        new Rules() {
          @Override
          Replication replication(Member member) {
            return made.make(member);
          }
        });
  }

  /** Appends after an entry of which only the index is as the leader says. */
  public static CoreFactory appendsWithoutPreviousCheck() {
    return with(
        new Rules() {
          @Override
          Following following(Member member, NodeId leader) {
            return new Following(member, leader) {
              @Override
              boolean holdsPrevious(EntryId previous) {
                return previous.index() <= member.log.lastIndex();
              }
            };
          }
        });
  }

  /** Tells the leader that it holds what its disk does not hold yet. */
  public static CoreFactory repliesBeforeFlush() {
    return with(
        new Rules() {
          @Override
          Following following(Member member, NodeId leader) {
            return new Following(member, leader) {
              private long end;

              @Override
              void append(Message.Append message) {
                end = message.previous().index() + message.entries().size();
                super.append(message);
              }

              @Override
              long claimable() {
                return Math.min(end, member.log.lastIndex());
              }
            };
          }
        });
  }

  /** Says that it votes before the vote is on its disk. */
  public static CoreFactory votesBeforeFlush() {
    return with(
        new Rules() {
          @Override
          Outbox outbox(HardState durable) {
            return new Outbox(durable) {
              @Override
              boolean mayLeave() {
                return true;
              }
            };
          }
        });
  }

  /** Serves reads before it has committed an entry of its own term. */
  public static CoreFactory readsBeforeFirstCommit() {
    return with(
        new Rules() {
          @Override
          ReadRounds readRounds(
              Member member,
              ClusterClock clock,
              Replication replication,
              LeaderLease lease,
              long firstIndexOfTerm) {
            return new ReadRounds(member, clock, replication, lease, firstIndexOfTerm) {
              @Override
              boolean mayServe() {
                return true;
              }
            };
          }
        });
  }

  /** Tells with a confirmed moment what was stamped last, in the place of cluster time. */
  public static CoreFactory confirmsTheLastStamp() {
    return with(
        new Rules() {
          @Override
          ReadRounds readRounds(
              Member member,
              ClusterClock clock,
              Replication replication,
              LeaderLease lease,
              long firstIndexOfTerm) {
            return new ReadRounds(member, clock, replication, lease, firstIndexOfTerm) {
              @Override
              long clusterTimeMillis(ClusterClock present) {
                return member.log.lastStampMillis();
              }
            };
          }
        });
  }

  /** Serves a read before what it must see is applied. */
  public static CoreFactory readsBeforeApply() {
    return with(
        new Rules() {
          @Override
          Readers readers(RaftLog log, Outbox outbox) {
            return new Readers(log, outbox) {
              @Override
              boolean servable(long index) {
                return true;
              }
            };
          }
        });
  }

  /** Begins each term of office at cluster time zero. */
  public static CoreFactory newLeaderRestartsTime() {
    return with(
        new Rules() {
          @Override
          ClusterClock clock(Member member) {
            return new ClusterClock(member.electionNanosMax) {
              @Override
              void start(long lastStampMillis, long nowNanos) {
                super.start(0, nowNanos);
              }
            };
          }
        });
  }

  /** Goes by a membership only once it is committed. */
  public static CoreFactory membershipAtCommit() {
    return withMemberships(
        (index, base, entries) ->
            new Memberships(index, base, entries) {
              @Override
              Membership inForce(long committed) {
                return at(Math.max(committed, index));
              }
            });
  }

  /** A truncated membership entry leaves its membership behind. */
  public static CoreFactory truncationKeepsMembership() {
    return withMemberships(
        (index, base, entries) ->
            new Memberships(index, base, entries) {
              @Override
              void truncateFrom(long from) {}
            });
  }

  private interface MakesMemberships {
    Memberships make(long baseIndex, Membership base, List<Entry> entries);
  }

  private static CoreFactory withMemberships(MakesMemberships made) {
    return with(
        new Rules() {
          @Override
          Memberships memberships(long baseIndex, Membership base, RecoveredLog recovered) {
            return made.make(baseIndex, base, recovered.memberships());
          }
        });
  }

  /** While joint only the new voters decide. */
  public static CoreFactory oneQuorumWhileJoint() {
    return with(
        new Rules() {
          @Override
          Electorate electorate(Member member, List<Peer> peers) {
            return new Electorate(member.self, member.membership.voters(), List.of(), peers);
          }

          @Override
          Votes votes(Membership membership) {
            return new Votes(membership.settled());
          }
        });
  }

  /** Learners count like voters for what is committed, read and led. */
  public static CoreFactory learnersCount() {
    return with(
        new Rules() {
          @Override
          Electorate electorate(Member member, List<Peer> peers) {
            Membership now = member.membership;
            List<NodeId> voters = new ArrayList<>(now.voters());
            now.learners().forEach(learner -> voters.add(learner.id()));
            return new Electorate(member.self, voters, now.outgoing(), peers);
          }
        });
  }

  /** A leader that was removed goes on. */
  public static CoreFactory removedLeaderGoesOn() {
    return withReconfiguration(
        (member, proposals, replication, firstIndexOfTerm) ->
            new Reconfiguration(member, proposals, replication, firstIndexOfTerm) {
              @Override
              boolean mustLeave() {
                return false;
              }
            });
  }

  /** Voters change in one step, and before an entry of the term is committed (Ongaro 2015). */
  public static CoreFactory votersChangeAtOnce() {
    return withReconfiguration(
        (member, proposals, replication, firstIndexOfTerm) ->
            new Reconfiguration(member, proposals, replication, firstIndexOfTerm) {
              @Override
              boolean established() {
                return true;
              }

              @Override
              Membership after(MembershipChange change) {
                return super.after(change).settled();
              }
            });
  }

  private interface MakesReconfiguration {
    Reconfiguration make(
        Member member, Proposals proposals, Replication replication, long firstIndexOfTerm);
  }

  private static CoreFactory withReconfiguration(MakesReconfiguration made) {
    return with(
        new Rules() {
          @Override
          Reconfiguration reconfiguration(
              Member member, Proposals proposals, Replication replication, long firstIndexOfTerm) {
            return made.make(member, proposals, replication, firstIndexOfTerm);
          }
        });
  }

  /** Tells the leader that it has a snapshot while it is still being installed. */
  public static CoreFactory claimsASnapshotTooEarly() {
    return with(
        new Rules() {
          private long arriving;

          @Override
          Snapshots snapshots(
              RaftLog log,
              Memberships memberships,
              Outbox outbox,
              Applying applying,
              SnapshotOptions options) {
            return new Snapshots(log, memberships, outbox, applying, options) {
              @Override
              void received(SnapshotMeta meta) {
                super.received(meta);
                arriving = meta.last().index();
              }
            };
          }

          @Override
          Following following(Member member, NodeId leader) {
            return new Following(member, leader) {
              @Override
              void heartbeat(Message.Heartbeat message) {
                super.heartbeat(message);
                if (member.snapshots.restoring()) {
                  member.send(leader, new Message.Appended(member.term(), arriving, 0));
                }
              }
            };
          }
        });
  }

  /** Keeps what follows a snapshot in a log that only reaches as far. */
  public static CoreFactory installKeepsAConflictingSuffix() {
    return with(
        new Rules() {
          @Override
          Snapshots snapshots(
              RaftLog log,
              Memberships memberships,
              Outbox outbox,
              Applying applying,
              SnapshotOptions options) {
            return new Snapshots(log, memberships, outbox, applying, options) {
              @Override
              boolean keepsLog(EntryId last) {
                return last.index() <= log.lastIndex();
              }
            };
          }
        });
  }

  /** Begins at cluster time zero where a snapshot is all that it has. */
  public static CoreFactory timeRestartsAfterASnapshot() {
    return with(
        new Rules() {
          @Override
          RaftLog log(RecoveredLog recovered, RaftOptions options) {
            return new RaftLog(recovered, options.tailBytesMax()) {
              @Override
              long lastStampMillis() {
                return last().equals(start()) ? 0 : super.lastStampMillis();
              }
            };
          }
        });
  }
}
