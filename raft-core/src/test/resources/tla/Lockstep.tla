------------------------------ MODULE Lockstep ------------------------------
(***************************************************************************)
(* The replication protocol of raft-core as it is built: durable terms and *)
(* votes, asynchronous flushes, pre-vote and leadership transfer, the      *)
(* own-term commit rule, joint consensus effective at append, and numbered *)
(* read rounds.  Checked small, with TLC, in the build (ModelCheckTest).   *)
(*                                                                         *)
(* Messages are not kept one by one.  A leader's log only grows within its *)
(* term, so whatever it may have sent, in whatever order it arrives and    *)
(* however often, is a piece of the longest log it had in that term: the   *)
(* history variable `ledger' holds it, and a follower may take in any      *)
(* piece at any time.  Answers are kept the same way: `acked' and `echoed' *)
(* are the highest claims ever made in a term, `granted' the votes; who    *)
(* reads them may do so at any time, or never.  So loss, delay,            *)
(* duplication and reordering need no state of their own.  (What is left   *)
(* out: a request for votes that arrives after its candidacy is over.  It  *)
(* can only raise a term.)                                                 *)
(*                                                                         *)
(* Time is left out too.  What only time decides (an election timeout, a   *)
(* leader's check for its quorum, a voter's deafness while it hears a      *)
(* leader) may happen at any moment here, or not at all: safety must not   *)
(* depend on it.                                                           *)
(***************************************************************************)
EXTENDS Naturals, Sequences, FiniteSets, TLC

CONSTANTS
  Server,      \* all that may ever be members
  Initial,     \* the voters at the first start
  Targets,     \* the sets of voters that a change may lead to
  MaxTerm,     \* bounds of the search
  MaxLength,
  MaxReads,
  MaxCrashes,
  Mutation     \* "none", or the mistake that a run must find

VARIABLES
  term,        \* [Server -> Nat], durable
  role,        \* [Server -> {"follower", "candidate", "leader"}]
  log,         \* [Server -> Seq(Entry)]
  flushed,     \* [Server -> Nat]: how much of the log survives a crash
  matched,     \* [Server -> Nat]: how far the log agrees with this term's leader's
  ledger,      \* [Term -> Seq(Entry)]: the longest log of the term's leader
  committed,   \* [Term -> Nat]: the commit index of the term's leader
  winner,      \* [Term -> Server \cup {Nobody}]
  granted,     \* [Term -> [Server -> SUBSET Server]]: for whom it voted, durable
  acked,       \* [Term -> [Server -> Nat]]: what it claimed to hold
  round,       \* [Term -> Nat]: read rounds begun
  echoed,      \* [Term -> [Server -> Nat]]
  read,        \* the read under way, or NoRead
  chosen,      \* the longest log whose writes were acknowledged to clients
  reads,       \* counters that bound the search
  crashes

vars == <<term, role, log, flushed, matched, ledger, committed, winner, granted, acked,
          round, echoed, read, chosen, reads, crashes>>

Nobody == "nobody"
NoRead == [term |-> 0, round |-> 0, index |-> 0, floor |-> 0]
Term == 1..MaxTerm

\* An entry is a command, or the members from here on (joint while `outgoing' is not empty).
Command(t) == [term |-> t, kind |-> "command", voters |-> {}, outgoing |-> {}]
Members(t, new, old) == [term |-> t, kind |-> "members", voters |-> new, outgoing |-> old]

Min(a, b) == IF a < b THEN a ELSE b
Max(a, b) == IF a > b THEN a ELSE b
Prefix(s, n) == SubSeq(s, 1, n)
TermAt(s, i) == IF i = 0 THEN 0 ELSE s[i].term
LastTerm(s) == TermAt(s, Len(s))

\* No voter helps a candidate whose log lacks what its own has (3.6.1).
UpToDate(mine, theirs) ==
  \/ LastTerm(theirs) > LastTerm(mine)
  \/ LastTerm(theirs) = LastTerm(mine) /\ Len(theirs) >= Len(mine)

----------------------------------------------------------------------------
\* Quorums (4.3): while joint, a majority of each of the two sets.

MembersAt(s, n) ==
  LET places == {i \in 1..n : s[i].kind = "members"}
  IN IF places = {} THEN [voters |-> Initial, outgoing |-> {}, index |-> 0]
     ELSE LET i == CHOOSE j \in places : \A k \in places : k <= j
          IN [voters |-> s[i].voters, outgoing |-> s[i].outgoing, index |-> i]

CommitOf(s) == IF role[s] = "leader" THEN committed[term[s]] ELSE 0

\* In force as soon as they are in the log.
InForce(s) == MembersAt(log[s], Len(log[s]))

Majority(of, have) == 2 * Cardinality(of \cap have) > Cardinality(of)
Quorum(members, have) ==
  /\ Majority(members.voters, have)
  /\ \/ members.outgoing = {}
     \/ Mutation = "single quorum while joint"
     \/ Majority(members.outgoing, have)

----------------------------------------------------------------------------
Init ==
  /\ term = [s \in Server |-> 0]
  /\ role = [s \in Server |-> "follower"]
  /\ log = [s \in Server |-> <<>>]
  /\ flushed = [s \in Server |-> 0]
  /\ matched = [s \in Server |-> 0]
  /\ ledger = [t \in Term |-> <<>>]
  /\ committed = [t \in Term |-> 0]
  /\ winner = [t \in Term |-> Nobody]
  /\ granted = [t \in Term |-> [s \in Server |-> {}]]
  /\ acked = [t \in Term |-> [s \in Server |-> 0]]
  /\ round = [t \in Term |-> 0]
  /\ echoed = [t \in Term |-> [s \in Server |-> 0]]
  /\ read = NoRead
  /\ chosen = <<>>
  /\ reads = 0
  /\ crashes = 0

----------------------------------------------------------------------------
\* Elections (3.4, 3.6.1, 9.6, 3.10).

\* A majority says that it would vote, or the leader has asked for the election.
MayCampaign(c) ==
  \/ Quorum(InForce(c), {f \in Server : term[f] <= term[c] /\ UpToDate(log[f], log[c])})
  \/ term[c] > 0 /\ winner[term[c]] \notin {Nobody, c}

\* The vote for itself counts when it is durable, as here it is at once. A leader may
\* have stepped down just before.
Campaign(c) ==
  /\ term[c] < MaxTerm
  /\ LET members == InForce(c) IN c \in members.voters \cup members.outgoing
  /\ MayCampaign(c)
  /\ term' = [term EXCEPT ![c] = @ + 1]
  /\ granted' = [granted EXCEPT ![term[c] + 1][c] = {c}]
  /\ role' = [role EXCEPT ![c] = "candidate"]
  /\ matched' = [matched EXCEPT ![c] = 0]
  /\ UNCHANGED <<log, flushed, ledger, committed, winner, acked, round, echoed, read, chosen,
                 reads, crashes>>

\* One vote a term, first come, first served (3.4). Also a request that is refused raises
\* the term.
Vote(f, c) ==
  /\ f # c
  /\ role[c] = "candidate"
  /\ LET t == term[c]
         mine == IF t > term[f] THEN {} ELSE granted[t][f]
         yes == /\ mine = {} \/ (Mutation = "forgets its vote" /\ c \notin mine)
                /\ UpToDate(log[f], log[c]) \/ Mutation = "votes for outdated logs"
     IN /\ t > term[f] \/ (t = term[f] /\ yes)
        /\ granted' = IF yes THEN [granted EXCEPT ![t][f] = @ \cup {c}] ELSE granted
        /\ term' = [term EXCEPT ![f] = t]
        /\ matched' = [matched EXCEPT ![f] = IF t > term[f] THEN 0 ELSE @]
        /\ role' = [role EXCEPT ![f] = IF t > term[f] THEN "follower" ELSE @]
  /\ UNCHANGED <<log, flushed, ledger, committed, winner, acked, round, echoed, read, chosen,
                 reads, crashes>>

\* A leader begins with an entry of its own term.
Win(c) ==
  /\ role[c] = "candidate"
  /\ Len(log[c]) < MaxLength
  /\ Quorum(InForce(c), {f \in Server : c \in granted[term[c]][f]})
  /\ Assert(winner[term[c]] = Nobody, "a term has one leader (3.4, Election Safety)")
  /\ log' = [log EXCEPT ![c] = Append(@, Command(term[c]))]
  /\ ledger' = [ledger EXCEPT ![term[c]] = log'[c]]
  /\ winner' = [winner EXCEPT ![term[c]] = c]
  /\ role' = [role EXCEPT ![c] = "leader"]
  /\ UNCHANGED <<term, flushed, matched, committed, granted, acked, round, echoed, read, chosen,
                 reads, crashes>>

----------------------------------------------------------------------------
\* Replication (3.5, 3.6.2, 10.2).

Extend(l, entry) ==
  /\ role[l] = "leader"
  /\ Len(log[l]) < MaxLength
  /\ log' = [log EXCEPT ![l] = Append(@, entry)]
  /\ ledger' = [ledger EXCEPT ![term[l]] = log'[l]]
  /\ UNCHANGED <<term, role, flushed, matched, committed, winner, granted, acked, round, echoed,
                 read, chosen, reads, crashes>>

Propose(l) == Extend(l, Command(term[l]))

\* What a follower says that it holds is durable.
Claim(t, f, holds, durable) ==
  [acked EXCEPT ![t][f] =
     Max(@, IF Mutation = "claims before the flush" THEN holds ELSE Min(holds, durable))]

\* A follower takes in any piece of what the leader of term t may have sent. Only an entry
\* that conflicts makes what follows it go (3.5).
Receive(f, t, prev, end) ==
  /\ t >= term[f]
  /\ winner[t] \notin {Nobody, f}
  /\ prev <= Len(log[f])
  /\ \/ TermAt(log[f], prev) = TermAt(ledger[t], prev)
     \/ Mutation = "appends without the check"
  /\ LET sent == ledger[t]
         clash == {i \in (prev + 1)..Min(end, Len(log[f])) : log[f][i].term # sent[i].term}
         kept == IF clash = {} THEN Len(log[f])
                 ELSE (CHOOSE i \in clash : \A j \in clash : i <= j) - 1
         length == IF clash = {} THEN Max(end, Len(log[f])) ELSE end
         before == IF t > term[f] THEN 0 ELSE matched[f]
     IN /\ log' = [log EXCEPT ![f] =
              [i \in 1..length |-> IF i > prev /\ i <= end THEN sent[i] ELSE log[f][i]]]
        /\ flushed' = [flushed EXCEPT ![f] = Min(@, kept)]
        /\ matched' = [matched EXCEPT ![f] = Max(before, end)]
        /\ acked' = Claim(t, f, matched'[f], flushed'[f])
  /\ term' = [term EXCEPT ![f] = t]
  /\ role' = [role EXCEPT ![f] = "follower"]
  /\ UNCHANGED <<ledger, committed, winner, granted, round, echoed, read, chosen, reads, crashes>>

Flush(s) ==
  /\ flushed[s] < Len(log[s])
  /\ flushed' = [flushed EXCEPT ![s] = Len(log[s])]
  /\ acked' = IF role[s] = "follower" /\ term[s] > 0
              THEN Claim(term[s], s, matched[s], flushed'[s]) ELSE acked
  /\ UNCHANGED <<term, role, log, matched, ledger, committed, winner, granted, round, echoed,
                 read, chosen, reads, crashes>>

Holds(l, s) ==
  IF s # l THEN acked[term[l]][s]
  ELSE IF Mutation = "leader counts unflushed" THEN Len(log[l]) ELSE flushed[l]

\* Only entries of the leader's own term commit by counting (3.6.2).
Commit(l) ==
  /\ role[l] = "leader"
  /\ \E i \in (CommitOf(l) + 1)..Len(log[l]) :
     /\ log[l][i].term = term[l]
     /\ Quorum(InForce(l), {s \in Server : Holds(l, s) >= i})
     /\ committed' = [committed EXCEPT ![term[l]] = i]
     /\ chosen' = IF i > Len(chosen) THEN Prefix(log[l], i) ELSE chosen
  /\ UNCHANGED <<term, role, log, flushed, matched, ledger, winner, granted, acked, round, echoed,
                 read, reads, crashes>>

----------------------------------------------------------------------------
\* Membership (4.3): joint consensus, one change at a time.

\* Until then nothing is known to be committed (6.4, 3.6.2).
OwnTermCommitted(l) == CommitOf(l) > 0

Change(l, new) ==
  LET now == InForce(l) IN
  /\ now.outgoing = {}
  /\ new # now.voters
  /\ now.index <= CommitOf(l)
  /\ OwnTermCommitted(l)
  /\ Extend(l, Members(term[l], new, now.voters))

\* Also a new leader finishes a joint configuration that it finds.
FinishChange(l) ==
  LET now == InForce(l) IN
  /\ now.outgoing # {}
  /\ now.index <= CommitOf(l)
  /\ Extend(l, Members(term[l], now.voters, {}))

\* A leader that is no voter any more makes way once that is committed (4.2.2).
Leave(l) ==
  /\ role[l] = "leader"
  /\ LET now == InForce(l) IN
     now.outgoing = {} /\ l \notin now.voters /\ now.index <= CommitOf(l)
  /\ role' = [role EXCEPT ![l] = "follower"]
  /\ UNCHANGED <<term, log, flushed, matched, ledger, committed, winner, granted, acked, round,
                 echoed, read, chosen, reads, crashes>>

----------------------------------------------------------------------------
\* Linearizable reads (6.4): a read waits for a round that begins after it.

Ask(l) ==
  /\ role[l] = "leader"
  /\ reads < MaxReads
  /\ OwnTermCommitted(l) \/ Mutation = "reads before the first commit"
  /\ LET t == term[l]
         r == IF Mutation = "joins the round under way" THEN round[t] ELSE round[t] + 1
     IN /\ read' = [term |-> t, round |-> r, index |-> CommitOf(l), floor |-> Len(chosen)]
        /\ round' = [round EXCEPT ![t] = Max(@, r)]
  /\ reads' = reads + 1
  /\ UNCHANGED <<term, role, log, flushed, matched, ledger, committed, winner, granted, acked,
                 echoed, chosen, crashes>>

\* Whoever follows the leader of term t, or hears of it only now, echoes its latest round.
Echo(f, t) ==
  /\ winner[t] \notin {Nobody, f}
  /\ t >= term[f]
  /\ echoed[t][f] < round[t]
  /\ echoed' = [echoed EXCEPT ![t][f] = round[t]]
  /\ term' = [term EXCEPT ![f] = t]
  /\ role' = [role EXCEPT ![f] = "follower"]
  /\ matched' = [matched EXCEPT ![f] = IF t > term[f] THEN 0 ELSE @]
  /\ UNCHANGED <<log, flushed, ledger, committed, winner, granted, acked, round, read, chosen,
                 reads, crashes>>

Confirmed ==
  /\ read # NoRead
  /\ LET l == winner[read.term] IN
     /\ role[l] = "leader"
     /\ term[l] = read.term
     /\ Quorum(InForce(l), {l} \cup {f \in Server : echoed[read.term][f] >= read.round})

----------------------------------------------------------------------------
\* A crash keeps what was forced, and of the rest any first part.

Crash(s, kept) ==
  /\ crashes < MaxCrashes
  /\ kept \in flushed[s]..Len(log[s])
  /\ log' = [log EXCEPT ![s] = Prefix(@, kept)]
  /\ flushed' = [flushed EXCEPT ![s] = kept]
  /\ role' = [role EXCEPT ![s] = "follower"]
  /\ matched' = [matched EXCEPT ![s] = 0]
  /\ crashes' = crashes + 1
  /\ UNCHANGED <<term, ledger, committed, winner, granted, acked, round, echoed, read, chosen,
                 reads>>

----------------------------------------------------------------------------
Next ==
  \/ \E s \in Server :
       \/ Campaign(s) \/ Win(s)
       \/ Propose(s) \/ Flush(s) \/ Commit(s)
       \/ FinishChange(s) \/ Leave(s) \/ Ask(s)
       \/ \E new \in Targets : Change(s, new)
       \/ \E kept \in 0..MaxLength : Crash(s, kept)
       \/ \E c \in Server : Vote(s, c)
       \/ \E t \in Term :
            \/ \E prev \in 0..Len(ledger[t]) : \E end \in prev..Len(ledger[t]) :
                 Receive(s, t, prev, end)
            \/ Echo(s, t)

Spec == Init /\ [][Next]_vars

----------------------------------------------------------------------------
\* What must hold.

LogMatching ==
  \A a, b \in Server : \A i \in 1..Min(Len(log[a]), Len(log[b])) :
    log[a][i].term = log[b][i].term => Prefix(log[a], i) = Prefix(log[b], i)

\* All that was ever acknowledged is in the log of the leader of the latest term (3.6.3).
LeaderCompleteness ==
  \A l \in Server :
    (role[l] = "leader" /\ \A t \in Term : t > term[l] => winner[t] = Nobody)
      => Len(log[l]) >= Len(chosen) /\ Prefix(log[l], Len(chosen)) = chosen

\* Whatever a leader or a follower may apply is what was chosen (3.6.3).
StateMachineSafety ==
  \A s \in Server :
    LET known == IF role[s] = "leader" THEN CommitOf(s)
                 ELSE IF term[s] = 0 THEN 0 ELSE Min(committed[term[s]], matched[s])
    IN \A i \in 1..known : i <= Len(chosen) /\ log[s][i] = chosen[i]

\* A read that is confirmed sees all that was acknowledged before it began (6.4).
ReadsAreCurrent == Confirmed => read.index >= read.floor

Symmetry == Permutations(Server)
=============================================================================
