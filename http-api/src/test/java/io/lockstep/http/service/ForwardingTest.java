package io.lockstep.http.service;

import static io.lockstep.http.service.CoordinatorFixture.OTHER;
import static io.lockstep.http.service.CoordinatorFixture.SELF;
import static io.lockstep.http.service.CoordinatorFixture.START;
import static io.lockstep.http.service.CoordinatorFixture.THIRD;
import static io.lockstep.http.service.CoordinatorFixture.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.http.service.CoordinatorFixture.Answers;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestCodec;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.Outcome;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Timing;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Requests on their way to a leader elsewhere, and those that come from elsewhere. */
class ForwardingTest {
  private static final Applied DONE = new Applied(9, 5, false, new Result.Done());
  private static final Timing MEASURED = new Timing(1_000, 20_000, 3_000_000, 0);
  private final CoordinatorFixture it = new CoordinatorFixture();

  private Answers forwarded() {
    it.leader = OTHER;
    Answers answers = it.submit(put("k"), 5_000);
    assertEquals(OTHER, it.sent.get(0).to());
    return answers;
  }

  @Test
  void theLeadersAnswerIsTheAnswer() {
    Answers answers = forwarded();
    it.arrive(OTHER, new ServiceMessage.Answered(START, it.onlyForward().id(), DONE, MEASURED));
    assertEquals(DONE, answers.applied());
    assertEquals(MEASURED, answers.timing(), "what the leader has measured");
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void aForwardWhoseLinkWentDownIsUnknownAndNeverSentAgain() {
    Answers answers = forwarded();
    it.coordinator.onDisconnected(THIRD);
    assertTrue(answers.all.isEmpty(), "another link says nothing");
    it.coordinator.onDisconnected(OTHER);
    assertInstanceOf(Answer.Unknown.class, answers.only());
    it.time.pass(10_000);
    assertEquals(1, it.forwards().size(), "sent once");
    answers.only();
  }

  @Test
  void aForwardWithoutAnswerIsUnknownAtItsDeadlineAndNeverSentAgain() {
    Answers answers = forwarded();
    it.time.pass(4_990);
    assertTrue(answers.all.isEmpty());
    it.time.pass(50);
    assertInstanceOf(Answer.Unknown.class, answers.only());
    it.arrive(OTHER, new ServiceMessage.Answered(START, it.onlyForward().id(), DONE, MEASURED));
    it.coordinator.onDisconnected(OTHER);
    it.time.pass(10_000);
    answers.only();
    assertEquals(1, it.forwards().size(), "sent once");
  }

  @Test
  void aLeaderWhoDoesNotKnowTheFateMakesItUnknown() {
    Answers answers = forwarded();
    it.arrive(OTHER, new ServiceMessage.FateUnknown(START, it.onlyForward().id()));
    assertInstanceOf(Answer.Unknown.class, answers.only());
    it.time.pass(10_000);
    assertEquals(1, it.forwards().size(), "sent once");
  }

  @Test
  void aDefiniteRefusalIsTriedAgainWithTheNewLeader() {
    Answers answers = forwarded();
    long first = it.onlyForward().id();
    it.arrive(OTHER, new ServiceMessage.Refused(START, first, Refusal.NO_LEADER));
    it.leader = THIRD;
    it.time.pass(100);
    assertEquals(2, it.sent.size());
    assertEquals(THIRD, it.sent.get(1).to());
    long second = it.sent.get(1).message().id();
    assertNotEquals(first, second, "each attempt has a number of its own");
    it.arrive(OTHER, new ServiceMessage.Answered(START, first, DONE, MEASURED));
    assertTrue(answers.all.isEmpty(), "an answer to the refused attempt means nothing");
    it.arrive(OTHER, new ServiceMessage.Answered(START, second, DONE, MEASURED));
    assertTrue(answers.all.isEmpty(), "only the node that was asked can answer");
    it.arrive(THIRD, new ServiceMessage.Answered(START, second, DONE, MEASURED));
    assertEquals(DONE, answers.applied());
  }

  @Test
  void aRefusalForLackOfRoomOrCapacityIsFinal() {
    for (Refusal refusal : new Refusal[] {Refusal.OVERLOADED, Refusal.NO_SPACE}) {
      it.sent.clear();
      Answers answers = forwarded();
      it.arrive(OTHER, new ServiceMessage.Refused(START, it.onlyForward().id(), refusal));
      assertEquals(new Answer.NotApplied(refusal), answers.only());
    }
  }

  @Test
  void whatWasCertainlyNotSentIsSentWhenTheLinkIsBack() {
    it.leader = OTHER;
    it.linksWork = false;
    Answers answers = it.submit(put("k"), 5_000);
    it.time.pass(1_000);
    assertTrue(answers.all.isEmpty());
    it.linksWork = true;
    it.time.pass(100);
    it.arrive(OTHER, new ServiceMessage.Answered(START, it.onlyForward().id(), DONE, MEASURED));
    assertEquals(DONE, answers.applied());
  }

  @Test
  void withoutALeaderNothingIsSentAndNothingIsDone() {
    it.leader = null;
    Answers answers = it.submit(put("k"), 2_000);
    it.time.pass(2_100);
    assertEquals(new Answer.NotApplied(Refusal.NO_LEADER), answers.only());
    assertTrue(it.sent.isEmpty() && it.proposed.isEmpty(), "nothing was tried");
    it.leader = SELF;
    it.time.pass(1_000);
    assertTrue(it.proposed.isEmpty(), "nor is it afterwards");
  }

  @Test
  void answersToAnEarlierLifeMatchNothing() {
    Answers answers = forwarded();
    long id = it.onlyForward().id();
    it.arrive(OTHER, new ServiceMessage.Answered(START - 1, id, DONE, MEASURED));
    it.arrive(OTHER, new ServiceMessage.Refused(START - 1, id, Refusal.OVERLOADED));
    it.arrive(OTHER, new ServiceMessage.FateUnknown(START + 1, id));
    it.arrive(OTHER, new ServiceMessage.Answered(START, id + 1, DONE, MEASURED));
    assertTrue(answers.all.isEmpty());
  }

  @Test
  void aRepeatedAnswerIsTakenOnce() {
    Answers answers = forwarded();
    ServiceMessage answer =
        new ServiceMessage.Answered(START, it.onlyForward().id(), DONE, MEASURED);
    it.arrive(OTHER, answer);
    it.arrive(OTHER, answer);
    answers.only();
  }

  private ServiceMessage.Forward arriving(long id) {
    Bytes payload = RequestCodec.encode(new Request("t", null, put("k")));
    return new ServiceMessage.Forward(3, id, Lane.WRITE, payload);
  }

  @Test
  void aNodeThatDoesNotLeadRefusesAndNeverPassesOn() {
    it.leader = THIRD;
    it.arrive(OTHER, arriving(1));
    it.leader = OTHER;
    it.arrive(OTHER, arriving(2));
    assertTrue(it.forwards().isEmpty(), "nothing is passed on");
    assertEquals(new ServiceMessage.Refused(3, 1, Refusal.NO_LEADER), it.sent.get(0).message());
    assertEquals(new ServiceMessage.Refused(3, 2, Refusal.NO_LEADER), it.sent.get(1).message());
    assertEquals(OTHER, it.sent.get(1).to());
  }

  @Test
  void aLeaderProposesOnceAndAnswersOnce() {
    it.arrive(OTHER, arriving(4));
    assertEquals(1, it.proposed.size());
    it.commit();
    ServiceMessage.Answered answered = (ServiceMessage.Answered) it.sent.get(0).message();
    assertEquals(4, answered.id());
    assertEquals(it.timing, answered.timing());
    assertInstanceOf(Result.KeyPut.class, answered.applied().result());
    assertEquals(1, it.sent.size());
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void aLeaderThatIsDeposedTellsWhatItKnows() {
    it.arrive(OTHER, arriving(5));
    it.fail(new Outcome.Unknown());
    assertEquals(new ServiceMessage.FateUnknown(3, 5), it.sent.get(0).message());
    it.arrive(OTHER, arriving(6));
    it.fail(new Outcome.NotLeader(THIRD));
    assertEquals(new ServiceMessage.Refused(3, 6, Refusal.NO_LEADER), it.sent.get(1).message());
    it.arrive(OTHER, arriving(7));
    it.fail(new Outcome.Overloaded());
    assertEquals(new ServiceMessage.Refused(3, 7, Refusal.OVERLOADED), it.sent.get(2).message());
    assertEquals(0, it.coordinator.figures().outstanding());
  }

  @Test
  void aStoppingLeaderRefusesForCertain() {
    it.coordinator.beginShutdown();
    it.arrive(OTHER, arriving(8));
    assertEquals(new ServiceMessage.Refused(3, 8, Refusal.SHUTTING_DOWN), it.sent.get(0).message());
    assertTrue(it.proposed.isEmpty());
  }

  @Test
  void messagesSurviveTheirEncoding() {
    ServiceMessage[] messages = {
      arriving(1),
      new ServiceMessage.Answered(Long.MAX_VALUE, Long.MIN_VALUE, DONE, MEASURED),
      new ServiceMessage.Answered(1, 2, DONE, new Timing(0, Timing.NOT_FORCED, 0, 0)),
      new ServiceMessage.Answered(
          1, 2, DONE, new Timing(Long.MAX_VALUE, 0, Long.MAX_VALUE, Long.MAX_VALUE)),
      new ServiceMessage.Refused(1, 2, Refusal.NO_SPACE),
      new ServiceMessage.FateUnknown(-1, 0),
    };
    for (ServiceMessage message : messages) {
      assertEquals(message, ServiceCodec.decode(ServiceCodec.encode(message)));
    }
    for (Refusal refusal : Refusal.values()) {
      ServiceMessage message = new ServiceMessage.Refused(1, 2, refusal);
      assertEquals(message, ServiceCodec.decode(ServiceCodec.encode(message)));
    }
  }

  @Test
  void aRequestOfALaterVersionDoesNotEnterTheLog() {
    byte[] later = arriving(1).payload().toArray();
    later[0] = Byte.MAX_VALUE;
    it.arrive(OTHER, new ServiceMessage.Forward(3, 9, Lane.WRITE, Bytes.wrap(later)));
    assertEquals(new ServiceMessage.Refused(3, 9, Refusal.NO_LEADER), it.sent.get(0).message());
    assertTrue(it.proposed.isEmpty());
  }

  @Test
  void noBytesFromAPeerDoHarm() {
    long seed = 11;
    Random random = new Random(seed);
    byte[] good = ServiceCodec.encode(arriving(1)).toArray();
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      if (i % 2 == 0) {
        bytes = good.clone();
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      it.coordinator.onService(OTHER, Bytes.wrap(bytes));
    }
    it.coordinator.onService(OTHER, Bytes.wrap(new byte[ServiceCodec.BYTES_MAX + 1]));
    it.commit();
    assertTrue(it.forwards().isEmpty(), "seed " + seed);
  }
}
