package io.lockstep.http.service;

/** Where an answer goes: exactly one call, on any thread, also the caller's own; must not block. */
@FunctionalInterface
public interface AnswerSink {
  void answer(Answer answer);
}
