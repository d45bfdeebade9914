package io.lockstep.http;

/** Is told of each request that was answered. Called on event loops; must be cheap. */
public interface RequestListener {
  /**
   * A request was answered.
   *
   * @param route one of a small fixed set of names, such as {@code GET /v1/kv}
   * @param nanos from the request's head to the end of the answer
   */
  void answered(String route, int status, long nanos);
}
