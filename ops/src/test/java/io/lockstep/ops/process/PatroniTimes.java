package io.lockstep.ops.process;

/**
 * How long Patroni waits for what, in seconds: {@code -Dpatroni.ttl} and so on.
 *
 * @param ttl of the lease that the leader's key is on
 * @param loopWait between two looks at everything, and two renewals
 * @param retryTimeout after which a primary without Lockstep steps down
 * @param useProxies whether Patroni keeps to the nodes that it was given, and does not ask for them
 */
record PatroniTimes(int ttl, int loopWait, int retryTimeout, boolean useProxies) {
  /** The shortest that keep to Patroni's rule: the TTL covers a loop and two retries. */
  static PatroniTimes ofProperties() {
    return new PatroniTimes(
        Integer.getInteger("patroni.ttl", 7),
        Integer.getInteger("patroni.loopWait", 1),
        Integer.getInteger("patroni.retryTimeout", 3),
        Boolean.getBoolean("patroni.useProxies"));
  }
}
