package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Problems;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.grant.GrantToken;
import io.lockstep.http.grant.KeyRing;
import io.lockstep.http.grant.SigningKey;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.LocalState;
import io.lockstep.http.service.ReadSink;
import io.lockstep.http.service.Refusal;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.lock.GrantView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Signs what a lease holds, for those who ask for it. What is signed is read anew, after the answer
 * that it goes with, and confirmed to be current: so a replayed answer is signed for what is left,
 * and a follower signs no grant that it does not know. Nothing is signed with a key that is not in
 * the log.
 */
public final class SignedGrants {
  private final Coordinator coordinator;
  private final ClusterDirectory directory;
  private final KeyRing keys;

  public SignedGrants(Coordinator coordinator, ClusterDirectory directory, KeyRing keys) {
    this.coordinator = coordinator;
    this.directory = directory;
    this.keys = keys;
  }

  /**
   * What an answer says of the signature that was asked for.
   *
   * @param tokens one for each name that was asked for, in their order; empty when there are none
   * @param missing why there are none; empty when there are
   */
  record Signed(List<String> tokens, String missing) {
    /** Nobody confirmed in time what would be signed. */
    static final Signed NOT_CONFIRMED = new Signed(List.of(), "not-confirmed");

    /** The lease holds nothing of this name, any more or at all. */
    static final Signed NOT_HELD = new Signed(List.of(), "not-held");

    /** This node has no key in the log any more. */
    static final Signed NO_KEY = new Signed(List.of(), "no-key");

    /** Writes the fields of an answer for which {@code signed} was asked, if it was. */
    static JsonText write(JsonText json, @Nullable Signed signed, List<LockName> names) {
      if (signed == null) {
        return json;
      }
      boolean one = names.size() == 1;
      if (signed.tokens().isEmpty()) {
        return json.fieldNull(one ? "grant" : "grants").field("grant_missing", signed.missing());
      }
      return one
          ? json.field("grant", signed.tokens().getFirst())
          : writeEach(json, signed.tokens(), names);
    }

    private static JsonText writeEach(JsonText json, List<String> tokens, List<LockName> names) {
      json.name("grants").beginArray();
      for (int i = 0; i < names.size(); i++) {
        json.begin().key("name", names.get(i).text()).field("grant", tokens.get(i)).end();
      }
      return json.endArray();
    }
  }

  /** Refuses a request that could not be signed, before anything is done. */
  void require() {
    if (keys.inUse(coordinator.view().members().keys(), coordinator.self()) == null) {
      throw new Rejected(
          Problem.of(
                  ProblemCode.KEY_NOT_PUBLISHED,
                  "this node's public key is not in the log yet; nothing done")
              .retryAfter(Problems.jittered()));
    }
  }

  /**
   * Signs what {@code lease} holds of {@code names}, all or nothing, and goes on with it on the
   * exchange's loop, by {@code deadlineNanos}, unless the exchange is over by then.
   */
  void sign(
      Exchange exchange,
      List<LockName> names,
      LeaseId lease,
      long deadlineNanos,
      Consumer<Signed> then) {
    coordinator.read(deadlineNanos, new Confirmed(exchange, names, lease, then));
  }

  private Signed signed(List<LockName> names, LeaseId lease) {
    String cluster = directory.clusterId();
    // Before the state's age is taken: then no time is signed for that has passed.
    long wallMillis = coordinator.wallMillis();
    LocalState state = coordinator.local();
    SigningKey key = keys.inUse(state.view().members().keys(), coordinator.self());
    if (cluster == null || key == null) {
      return Signed.NO_KEY;
    }
    List<String> tokens = new ArrayList<>();
    for (LockName name : names) {
      GrantView grant = state.view().grant(name, lease);
      if (grant == null) {
        return Signed.NOT_HELD;
      }
      long safeForMillis = state.safeForMillis(grant.expiresInMillis());
      if (safeForMillis == 0) {
        return Signed.NOT_CONFIRMED;
      }
      tokens.add(GrantToken.of(key, cluster, coordinator.self(), grant, wallMillis, safeForMillis));
    }
    return new Signed(tokens, "");
  }

  /** Carries the word that the state is current to the exchange's loop. */
  private final class Confirmed extends LoopTask implements ReadSink {
    private final Exchange exchange;
    private final List<LockName> names;
    private final LeaseId lease;
    private final Consumer<Signed> then;
    private volatile boolean current;

    Confirmed(Exchange exchange, List<LockName> names, LeaseId lease, Consumer<Signed> then) {
      this.exchange = exchange;
      this.names = names;
      this.lease = lease;
      this.then = then;
    }

    @Override
    public void current() {
      current = true;
      exchange.loop().post(this);
    }

    @Override
    public void refused(Refusal refusal) {
      exchange.loop().post(this);
    }

    @Override
    protected void run() {
      if (!exchange.over()) {
        boolean usable = current && coordinator.serves();
        exchange.run(() -> then.accept(usable ? signed(names, lease) : Signed.NOT_CONFIRMED));
      }
    }
  }
}
