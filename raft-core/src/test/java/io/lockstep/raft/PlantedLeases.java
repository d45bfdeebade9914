package io.lockstep.raft;

import io.lockstep.raft.node.CoreFactory;

/** What lease reads rest on, with one mistake each, for the simulator to find. */
public final class PlantedLeases {
  private PlantedLeases() {}

  private static CoreFactory with(Rules rules) {
    return (self, membership, options, hardState, log, startNumber, seed, now) ->
        new RaftCore(self, membership, options, hardState, log, startNumber, seed, now, rules);
  }

  private interface MakesLease {
    LeaderLease make(Member member, Replication replication, long firstIndexOfTerm);
  }

  private static CoreFactory withLease(MakesLease made) {
    return with(
        new Rules() {
          @Override
          LeaderLease lease(Member member, Replication replication, long firstIndexOfTerm) {
            return made.make(member, replication, firstIndexOfTerm);
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

  /** Counts a lease from when the answers came. */
  public static CoreFactory leaseFromReceipt() {
    return withLease(
        (member, replication, first) ->
            new LeaderLease(member, replication, first) {
              @Override
              void renew(long sentNanos) {
                super.renew(member.nowNanos);
              }
            });
  }

  /** Keeps a lease when it tells another to campaign. */
  public static CoreFactory leaseSurvivesATransfer() {
    return withLease(
        (member, replication, first) ->
            new LeaderLease(member, replication, first) {
              @Override
              void end() {}
            });
  }

  /** Takes an answer for a pledge of one who may not know of the lease yet. */
  public static CoreFactory everyAnswerIsAPledge() {
    return withLease(
        (member, replication, first) ->
            new LeaderLease(member, replication, first) {
              @Override
              boolean counts(Peer peer) {
                return true;
              }
            });
  }

  /** Votes right after its start. */
  public static CoreFactory restartedVoterIsFree() {
    return withElections(
        (member, seed) ->
            new Elections(member, seed) {
              private boolean heard;

              @Override
              void heard() {
                heard = true;
                super.heard();
              }

              @Override
              boolean pledged() {
                return heard && super.pledged();
              }

              @Override
              boolean startedWithin(long nanos) {
                return false;
              }
            });
  }

  /** Elects another as soon as the leader's process seems to have ended. */
  public static CoreFactory hintsAreHeeded() {
    return withElections(
        (member, seed) ->
            new Elections(member, seed) {
              private boolean gone;

              @Override
              void heard() {
                gone = false;
                super.heard();
              }

              @Override
              boolean heedsHints() {
                return true;
              }

              @Override
              void hasten(NodeId leader) {
                gone = true;
                super.hasten(leader);
              }

              @Override
              boolean pledged() {
                return !gone && super.pledged();
              }
            });
  }

  /** Is bound for its own shortest timeout, whatever the lease is, and forgets with the term. */
  public static CoreFactory pledgesByItsOwnOptions() {
    return withElections(
        (member, seed) ->
            new Elections(member, seed) {
              @Override
              boolean pledged() {
                return false;
              }
            });
  }
}
