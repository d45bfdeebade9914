package io.lockstep.http.v1;

import io.lockstep.http.error.Problems;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.Query;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.service.Answer;
import io.lockstep.http.service.Coordinator;
import io.lockstep.http.service.Refusal;
import io.lockstep.http.service.TicketWait;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Permits;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code ?ticket=t-9} on a lock or an election: to poll a durable place, and to give it up. */
final class Tickets {
  static final String PARAMETER = "ticket";

  private static final long WAIT_MILLIS_MAX = 60_000;

  private final Coordinator coordinator;
  private final Mutations mutations;
  private final SignedGrants grants;

  Tickets(Coordinator coordinator, Mutations mutations, SignedGrants grants) {
    this.coordinator = coordinator;
    this.mutations = mutations;
    this.grants = grants;
  }

  /** What has become of the ticket, as an answer or as a stream of events. */
  void poll(Exchange exchange, LockName name) {
    exchange.refuseBody();
    boolean streams =
        Accepts.second(
            exchange.header(HttpHeaders.ACCEPT), "application/json", "text/event-stream");
    Query query = exchange.query();
    TicketId ticket = ticket(query);
    String text = query.text("wait");
    long wait = text == null ? 0 : Durations.millis("wait", text, 0, WAIT_MILLIS_MAX);
    if (streams && text != null) {
      throw Query.bad("wait", "is for a single answer: a stream of events lasts until the grant");
    }
    boolean signed = query.flag("signed");
    if (streams && signed) {
      throw Query.bad("signed", "is for a single answer: poll the ticket once it is held");
    }
    query.finish();
    if (signed) {
      grants.require();
    }
    if (streams) {
      new TicketStream(coordinator, exchange, name, ticket).start();
    } else {
      long deadline = exchange.deadlineNanos(wait);
      Reply reply = new Reply(exchange, signed, deadline);
      TicketWait waits = coordinator.poll(name, ticket, null, wait, deadline, reply);
      exchange.whenGone(waits::cancel);
    }
  }

  /** Gives the place up, or the grant that it has become. */
  void leave(Exchange exchange, LockName name) {
    exchange.refuseBody();
    TicketId ticket = ticket(exchange.query());
    exchange.query().finish();
    mutations.submit(
        exchange,
        new Command.LockLeave(name, ticket, false),
        Bytes.EMPTY,
        (x, applied, result) -> left(x, name, applied, result));
  }

  private static void left(
      Exchange exchange, LockName name, Applied applied, Result.Success result) {
    boolean wasGranted = Mutations.expect(Result.PlaceLeft.class, result).wasGranted();
    JsonText json =
        exchange
            .json()
            .begin()
            .field("state", wasGranted ? "released" : "left")
            .key("name", name.text());
    exchange.answer(200, applied.revision(), json.field("revision", applied.revision()).end());
  }

  private static TicketId ticket(Query query) {
    String text = query.text(PARAMETER);
    TicketId ticket = text == null ? null : TicketId.parse(text);
    if (ticket == null) {
      throw Query.bad(PARAMETER, "is not a ticket");
    }
    return ticket;
  }

  /**
   * A place or a grant, as the answer to a request for it.
   *
   * @param permits that were asked for: a lease that has permits gets those, or a refusal
   * @param signed what is said of a grant's signature; null when none was asked for
   */
  static void answer(
      Exchange exchange,
      Permits permits,
      SignedGrants.@Nullable Signed signed,
      Applied applied,
      Result.Success result) {
    JsonText json = exchange.json();
    int status = write(exchange, json, permits, result);
    if (result instanceof Result.LockGranted granted) {
      SignedGrants.Signed.write(json, signed, names(granted));
    }
    exchange.answer(status, applied.revision(), json.field("revision", applied.revision()).end());
  }

  /** Writes a place or a grant as an object that is left open; the status that goes with it. */
  static int write(Exchange exchange, JsonText json, Permits permits, Result.Success result) {
    if (result instanceof Result.LockGranted granted) {
      writeGrant(exchange, json.begin(), permits, granted);
      return 200;
    }
    Result.LockQueued queued = Mutations.expect(Result.LockQueued.class, result);
    writeNames(json.begin().field("state", "queued"), queued.name(), queued.also());
    json.field(PARAMETER, queued.ticket().toString())
        .field("position", queued.position())
        .field("expires_in_ms", queued.remainingWaitMillis());
    return 202;
  }

  private static void writeGrant(
      Exchange exchange, JsonText json, Permits permits, Result.LockGranted granted) {
    switch (granted.name().kind()) {
      case LOCK ->
          writeNames(json.field("state", "held"), granted.name(), granted.also())
              .field("mode", LockFields.text(granted.mode()));
      case ELECTION -> json.field("state", "elected").key("name", granted.name().text());
      case SEMAPHORE ->
          json.field("state", "held")
              .key("name", granted.name().text())
              .field("permits", permits.count())
              .field("limit", permits.limit());
    }
    json.field("token", granted.token()).field("lease", granted.lease().toString());
    LeaseFields.write(exchange, json, granted.ttlMillis(), granted.expiresInMillis());
  }

  /** All that was granted together, the first first. */
  static List<LockName> names(Result.LockGranted granted) {
    List<LockName> names = new ArrayList<>(granted.also().size() + 1);
    names.add(granted.name());
    names.addAll(granted.also());
    return names;
  }

  /** One lock by its name, several by all their names. */
  private static JsonText writeNames(JsonText json, LockName first, List<LockName> also) {
    if (also.isEmpty()) {
      return json.key("name", first.text());
    }
    json.name("names").beginArray().utf8(first.text());
    also.forEach(name -> json.utf8(name.text()));
    return json.endArray();
  }

  /** Where a ticket is polled: {@code path} is the raw one of the lock or election. */
  static void locate(Exchange exchange, String path, TicketId ticket) {
    exchange.with(HttpHeaders.LOCATION, path + "?" + PARAMETER + "=" + ticket);
  }

  /** Tells what a poll has found, signed if that was asked for. */
  private final class Reply extends AnswerTask {
    private final boolean signed;
    private final long deadlineNanos;

    Reply(Exchange exchange, boolean signed, long deadlineNanos) {
      super(exchange);
      this.signed = signed;
      this.deadlineNanos = deadlineNanos;
    }

    @Override
    protected void told(Answer given) {
      if (given instanceof Answer.Unknown) {
        // A poll that may or may not be counted: what it asked for is not known.
        exchange().problem(Problems.of(Refusal.NOT_CONFIRMED));
      } else if (signed
          && given instanceof Answer.Done done
          && done.applied().result() instanceof Result.LockGranted granted) {
        grants.sign(
            exchange(),
            names(granted),
            granted.lease(),
            deadlineNanos,
            token -> finish(done, token));
      } else {
        finish(given, null);
      }
    }

    private void finish(Answer given, SignedGrants.@Nullable Signed token) {
      Mutations.finish(
          exchange(),
          given,
          null,
          (x, applied, result) -> Tickets.answer(x, Permits.NONE, token, applied, result));
    }
  }
}
