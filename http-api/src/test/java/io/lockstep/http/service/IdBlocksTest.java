package io.lockstep.http.service;

import static io.lockstep.http.service.CoordinatorFixture.OTHER;
import static io.lockstep.http.service.CoordinatorFixture.SELF;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.service.CoordinatorFixture.Answers;
import io.lockstep.kv.command.Command.ReserveIds;
import io.lockstep.kv.command.Command.TakeIds;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.result.Failure.KeyLengthInvalid;
import io.lockstep.kv.result.Result.IdsTaken;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.storage.LogStore.Room;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Ids out of a leader's memory: each answer is confirmed, and no id is given twice. */
class IdBlocksTest {
  private static final Bytes NAME = Bytes.utf8("order");

  private final CoordinatorFixture it = new CoordinatorFixture();

  private Answers ask(TakeIds take) {
    Answers answers = it.submit(take, 5_000);
    it.time.pass(0);
    return answers;
  }

  private Answers ask(long count) {
    return ask(new TakeIds(NAME, count, false));
  }

  private void confirm() {
    while (!it.reads.isEmpty()) {
      it.reads.remove(0).current(1);
      it.time.pass(0);
    }
  }

  private static IdsTaken ids(Answers answers) {
    return (IdsTaken) answers.applied().result();
  }

  private IdsTaken first() {
    Answers answers = ask(1);
    it.commit();
    confirm();
    return ids(answers);
  }

  @Test
  void oneEntryServesAThousandCallsAndEachIsConfirmed() {
    assertEquals(1, first().first());
    List<Answers> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(ask(1));
    }
    assertTrue(it.proposed.isEmpty(), "out of memory");
    assertTrue(all.stream().allMatch(one -> one.all.isEmpty()), "not before it is confirmed");
    confirm();
    for (int i = 0; i < 1_000; i++) {
      assertEquals(i + 2, ids(all.get(i)).first());
    }
    ask(1);
    assertInstanceOf(ReserveIds.class, it.proposed.get(0).command(), "the block is empty");
    assertEquals(1, it.coordinator.figures().outstanding());
  }

  @Test
  void aBatchIsWholeAndGoesOnWhereTheBlockEnds() {
    assertEquals(1, first().first());
    Answers batch = ask(5_000);
    Answers behind = ask(1);
    assertEquals(1, it.proposed.size(), "one entry at a time");
    it.commit();
    confirm();
    assertEquals(new IdsTaken(2, 5_001, 0), ids(batch), "nothing of the block is lost");
    assertEquals(5_002, ids(behind).first());
  }

  @Test
  void whoeverReservedMeanwhileOutdatesTheBlock() {
    first();
    Answers answers = ask(1);
    it.applyElsewhere(new ReserveIds(NAME, 500, 77, 0));
    confirm();
    assertTrue(answers.all.isEmpty(), "its ids were of a block that is outdated");
    it.commit();
    confirm();
    assertEquals(1_502, ids(answers).first());
  }

  @Test
  void aBlockThatIsGoodAgainDoesNotMakeEarlierIdsGood() {
    first();
    Answers early = ask(1);
    it.applyElsewhere(new ReserveIds(NAME, 500, 77, 0));
    Answers large = ask(5_000);
    it.commit();
    confirm();
    assertTrue(ids(large).first() > 1_501);
    assertTrue(ids(early).first() > ids(large).last(), "and not what it was given at first");
  }

  @Test
  void aLeaderThatIsDeposedBeforeTheRoundGivesNothing() {
    first();
    Answers answers = ask(1);
    it.leader = OTHER;
    confirm();
    assertTrue(answers.all.isEmpty());
    it.time.pass(40);
    assertEquals(Lane.IDS, it.onlyForward().lane(), "the call goes to who leads now");
  }

  @Test
  void aRoundThatFailsGivesTheCallBackAndNothingIsUnknown() {
    first();
    Answers answers = ask(1);
    it.reads.get(0).failed(new Outcome.NotLeader(null));
    it.leader = null;
    it.time.pass(6_000);
    assertEquals(new Answer.NotApplied(Refusal.NO_LEADER), answers.only());
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void aReservationThatFailsGivesTheCallsBack() {
    Answers answers = ask(1);
    it.fail(new Outcome.Unknown());
    assertTrue(answers.all.isEmpty(), "whatever became of the block, this call has no ids");
    it.time.pass(40);
    it.commit();
    confirm();
    assertEquals(1, ids(answers).first());
    Answers refused = ask(new TakeIds(Bytes.EMPTY, 1, false));
    it.commit();
    assertInstanceOf(KeyLengthInvalid.class, refused.applied().result());
    it.room = Room.RESERVE;
    assertEquals(new Answer.NotApplied(Refusal.NO_SPACE), ask(1).only());
  }

  @Test
  void aCallWithAKeyIsAnsweredByTheEntryThatStoresIt() {
    first();
    Answers answers = it.submitKeyed(new TakeIds(NAME, 3, false), "k");
    it.time.pass(0);
    assertEquals(new IdsTaken(2, 4, 0), inTheLog(it.proposed.get(0).command()));
    assertTrue(answers.all.isEmpty());
    it.commit();
    assertEquals(new IdsTaken(2, 4, 0), ids(answers), "without a round");
    Answers again = it.submitKeyed(new TakeIds(NAME, 3, false), "k");
    it.time.pass(0);
    it.commit();
    assertEquals(new IdsTaken(2, 4, 0), ids(again));
    assertTrue(again.applied().replayed());
    Answers next = ask(1);
    confirm();
    assertEquals(8, ids(next).first(), "the ids of the retry are never given");
  }

  private static IdsTaken inTheLog(io.lockstep.kv.command.Command command) {
    TakeIds take = (TakeIds) command;
    return new IdsTaken(take.first(), take.first() + take.count() - 1, take.stampFirst());
  }

  @Test
  void stampsFollowTheClockAndNeverGoBack() {
    it.wallMillis = 1_000_000;
    Answers one = ask(new TakeIds(NAME, 2, true));
    it.commit();
    confirm();
    assertEquals(1_000_000L << 16, ids(one).stampFirst());
    it.wallMillis = 5;
    Answers back = ask(new TakeIds(NAME, 1, true));
    confirm();
    assertEquals((1_000_000L << 16) + 2, ids(back).stampFirst(), "the clock went back");
    it.wallMillis = 1_010_000;
    Answers ahead = ask(new TakeIds(NAME, 1, true));
    assertEquals(1, it.proposed.size(), "so much time was not reserved");
    it.commit();
    confirm();
    assertEquals(1_010_000L << 16, ids(ahead).stampFirst());
    assertEquals(4, ids(ahead).first(), "no ids are lost by that");
  }

  @Test
  void stampsOfAnotherLeaderWhoseClockWasAheadComeFirst() {
    it.applyElsewhere(new ReserveIds(NAME, 10, 77, 1L << 50));
    Answers answers = ask(new TakeIds(NAME, 1, true));
    it.commit();
    it.commit();
    confirm();
    assertEquals(1L << 50, ids(answers).stampFirst());
  }

  @Test
  void aFollowersCallIsServedAndItsAnswerGoesBack() {
    first();
    Request request = new Request("t", null, new TakeIds(NAME, 7, false));
    it.arrive(OTHER, new ServiceMessage.Forward(3, 9, Lane.IDS, RequestCodec.encode(request)));
    assertTrue(it.sent.isEmpty());
    confirm();
    ServiceMessage.Answered back = (ServiceMessage.Answered) it.sent.get(0).message();
    assertEquals(new IdsTaken(2, 8, 0), back.applied().result());
    assertEquals(SELF, it.coordinator.self());
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void aRoundThatNobodyAnswersEndsForAForwardedCallToo() {
    first();
    Request request = new Request("t", null, new TakeIds(NAME, 7, false));
    it.arrive(OTHER, new ServiceMessage.Forward(3, 9, Lane.IDS, RequestCodec.encode(request)));
    it.time.pass(5_000);
    assertInstanceOf(ServiceMessage.Refused.class, it.sent.get(0).message());
    assertEquals(0, it.coordinator.figures().outstanding());
  }
}
