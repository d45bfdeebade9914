package io.lockstep.http.error;

import org.jspecify.annotations.Nullable;

/**
 * Every kind of error that a client can meet. The text of a code is part of the interface: it never
 * changes its meaning.
 */
public enum ProblemCode {
  MALFORMED_HTTP(400, "Malformed HTTP", "The bytes sent are not valid HTTP/1.1."),
  BAD_TARGET(
      400,
      "Bad request target",
      "The path or query cannot be decoded: a percent sign must be followed by two hexadecimal"
          + " digits, and there is no fragment."),
  UNKNOWN_PARAMETER(
      400,
      "Unknown query parameter",
      "The route has no parameter of this name, or not yet. Nothing is ignored silently, so that a"
          + " misspelt parameter cannot become a default."),
  DUPLICATE_PARAMETER(400, "Duplicate query parameter", "Each query parameter may be given once."),
  BAD_PARAMETER(400, "Bad query parameter", "The parameter's value is not of the form it needs."),
  BAD_HEADER(400, "Bad header", "The header's value is not of the form it needs."),
  UNEXPECTED_BODY(400, "Unexpected body", "This method takes no request body on this route."),
  BAD_JSON(
      400,
      "Bad JSON",
      "The body is not one JSON object: a syntax error, a repeated name, something after its end,"
          + " or nesting deeper than 32."),
  UNKNOWN_FIELD(400, "Unknown field", "The JSON object has a field that this route does not have."),
  BAD_FIELD(400, "Bad field", "A field of the JSON object is missing or of the wrong type."),
  BAD_DURATION(
      400, "Bad duration", "A duration is an integer with its unit: 500ms, 15s, 2m, 1h, 1d."),
  CROSS_ORIGIN(
      403,
      "Cross-origin request",
      "A browser sent a changing request on behalf of a page from another origin, which is not"
          + " configured as allowed."),
  NO_SUCH_ROUTE(404, "No such route", "Nothing is served at this path."),
  UNKNOWN_VERB(
      404,
      "Unknown verb",
      "The last literal colon of a POST's path starts a verb; a colon in a name is written %3A."),
  KEY_NOT_FOUND(404, "Key not found", "The key does not exist."),
  LEASE_NOT_FOUND(404, "Lease not found", "No lease with this id was ever granted."),
  LATCH_NOT_FOUND(
      404, "Latch not found", "Nobody has arrived at a latch of this name, or it was removed."),
  MEMBER_NOT_FOUND(404, "Member not found", "The cluster has no such member."),
  REQUEST_NOT_FOUND(
      404,
      "Request not found",
      "No request with this idempotency key is remembered: it was never seen, or is forgotten."),
  ELECTION_VACANT(404, "Election vacant", "Nobody is elected at the moment."),
  TICKET_NOT_FOUND(
      404, "Ticket not found", "No place in this queue was ever given under this ticket."),
  CANDIDATE_NOT_FOUND(
      404, "Candidate not found", "Nobody of this name stands in the election at the moment."),
  METHOD_NOT_ALLOWED(
      405, "Method not allowed", "The header Allow names the methods of this route."),
  NOT_ACCEPTABLE(406, "Not acceptable", "The answer has no form that the header Accept allows."),
  BODY_TIMEOUT(408, "Body too slow", "The request's body did not arrive within its time."),
  NOT_HOLDER(409, "Not the holder", "The lock is held by someone else, or by no one."),
  GRANT_LOST(
      409,
      "Grant lost",
      "The grant expired or was taken away; someone else may hold the lock now."),
  AMBIGUOUS_TOKEN(
      409,
      "Ambiguous token",
      "Several were granted the shared lock in one revision, under this one token: say by the lease"
          + " which of them is meant."),
  MODE_CONFLICT(
      409,
      "Mode conflict",
      "The lease holds the lock, or waits for it, in the other mode. A grant is never upgraded:"
          + " release it, or leave the queue, and acquire anew."),
  LOCKS_DIFFER(
      409,
      "Locks differ",
      "The lease has the lock, or waits for it, together with others than are asked for. What was"
          + " taken together is kept and released together: release it and acquire anew, or use"
          + " another lease."),
  PERMITS_DIFFER(
      409,
      "Permits differ",
      "The lease has another number of the semaphore's permits, or waits for another number, than"
          + " is asked for. What it has never grows or shrinks: release it and acquire anew, or use"
          + " another lease."),
  SEMAPHORE_LIMIT_DIFFERS(
      409,
      "Semaphore limit differs",
      "Those who hold permits of this semaphore, or wait for them, count on another limit. It"
          + " changes only when nobody holds or waits: who comes next then says what it is. Let"
          + " them finish, or use another name for the new limit."),
  CONDITIONS_FALSE(
      409,
      "Conditions false",
      "A condition of the transaction does not hold, and it has no \"else\". Nothing was done."),
  LIMIT_DIFFERS(
      409,
      "Limit differs",
      "The size of what has this name was set when it was first used, and is another. Nobody may"
          + " change it under those who count on it: ask for the present one, or use another"
          + " name."),
  PERIOD_DONE(409, "Period done", "The work of this period was done: there is nothing to do."),
  KEY_WITHOUT_LEASE(
      409,
      "Key without a lease",
      "The key is on no lease: it stays until it is deleted, and there is nothing to touch."),
  NOT_A_NUMBER(
      409,
      "Not a number",
      "A counter is a key whose value is a decimal number of 64 bits; this one's is not."),
  ALREADY_MEMBER(
      409, "Already a member", "The id or the data directory belongs to a member already."),
  CHANGE_IN_FLIGHT(
      409,
      "Membership change in flight",
      "The membership changes one step at a time; the one under way is not finished."),
  QUORUM_WOULD_BE_LOST(
      409,
      "Quorum would be lost",
      "Too few of the voters answer for the change to be carried, or for the cluster to decide"
          + " anything after it."),
  NOT_CAUGHT_UP(
      409, "Not caught up", "A learner becomes a voter only when it keeps up with the leader."),
  TOO_MANY_MEMBERS(409, "Too many members", "The cluster has as many members as it may."),
  LEASE_EXPIRED(410, "Lease expired", "The lease has ended; its id is never used again."),
  TICKET_ENDED(410, "Ticket ended", "The place in the queue was given up or has ended."),
  COMPACTED(410, "Compacted", "The revision asked for is no longer kept."),
  REVISION_MISMATCH(
      412, "Revision mismatch", "The key is not at the revision that the condition names."),
  KEY_EXISTS(412, "Key exists", "The condition demands that the key does not exist."),
  KEY_MISSING(412, "Key missing", "The condition demands that the key exists."),
  STALE_TOKEN(
      412,
      "Stale token",
      "The lock named by If-Lock is not held under the token given; or, with status 409, the fence"
          + " has seen a greater token."),
  BODY_TOO_LARGE(413, "Body too large", "The request's body is over the limit."),
  VALUE_TOO_LARGE(413, "Value too large", "The value is over the limit."),
  TARGET_TOO_LONG(414, "Request target too long", "The request line is over the limit."),
  UNSUPPORTED_MEDIA(
      415,
      "Unsupported media",
      "A body must not have a Content-Encoding and must not be multipart."),
  KEY_LENGTH(422, "Key length out of range", "A key is 1 to 1,024 bytes."),
  NAME_LENGTH(422, "Name length out of range", "A name is 1 to 1,024 bytes."),
  TTL_OUT_OF_RANGE(422, "TTL out of range", "A time to live must be within its limits."),
  DURATION_OUT_OF_RANGE(422, "Duration out of range", "A duration must be within its limits."),
  TOO_MANY_KEYS(
      422,
      "Too many keys",
      "The prefix holds more keys than one request may delete; give a limit and repeat."),
  PREFIX_IS_EVERYTHING(
      422,
      "The prefix is everything",
      "Deleting under the empty prefix deletes every key; say so with all=true."),
  COUNTER_OVERFLOW(
      422,
      "Counter overflow",
      "The sum does not fit into 64 bits. The counter stays as it is: it never wraps around."),
  IDS_EXHAUSTED(
      422, "Ids exhausted", "The sequence has not so many ids, or stamps, left below 2^60."),
  DUPLICATE_KEY(
      422,
      "Key written twice",
      "A branch of a transaction writes a key more than once, or deletes what it also writes. At"
          + " one revision a key changes once: say what it shall be in the end."),
  TRANSACTION_TOO_LARGE(
      422,
      "Transaction too large",
      "The transaction would compare, delete or answer with more than one may."),
  TOO_MANY_ITEMS(422, "Too many items", "The list in the request is over the limit."),
  REQUEST_MISMATCH(
      422,
      "Idempotency key reused",
      "This idempotency key was used for another request; nothing was done."),
  NOT_ALLOWED(422, "Not allowed", "The request is well formed but asks for what is not allowed."),
  LOCK_HELD(
      423,
      "Lock held",
      "The lock, or too many of the permits, are held or queued for by others; a place is given"
          + " up."),
  PERIOD_RUNNING(
      423,
      "Period running",
      "Another is at work on this period. If its lease is lost, the period can be claimed again."),
  TOO_MANY_CONNECTIONS(
      429, "Too many connections", "This address has as many connections as one may have."),
  TOO_MANY_KEYS_ON_LEASE(
      429, "Too many keys on the lease", "The lease has as many keys as one may have."),
  POOL_EXHAUSTED(
      429,
      "Pool exhausted",
      "Every number of the pool is leased, or was lost by its holder and rests."),
  QUEUE_FULL(429, "Queue full", "As many wait for this lock as may."),
  ANSWERS_FULL(
      429,
      "Answers full",
      "The table of stored answers is full of young ones; keyed requests are refused for now."),
  HEADERS_TOO_LARGE(431, "Headers too large", "The request's headers are over the limit."),
  INTERNAL(500, "Internal error", "A bug in the service; its log knows more."),
  NO_LEADER(503, "No leader", "No leader was known or reached within the request's time."),
  OVERLOADED(503, "Overloaded", "A bounded queue is full."),
  SHUTTING_DOWN(503, "Shutting down", "This node is stopping; another one serves."),
  KEY_NOT_PUBLISHED(
      503,
      "Key not published",
      "This node's public key is not in the log yet, so it signs nothing: nothing was done. It will"
          + " be in a moment, or another node may sign."),
  TOO_STALE(
      503,
      "Too stale",
      "This node was last confirmed to be current longer ago than max_staleness allows. Another"
          + " node may do, a later moment, or a larger max_staleness."),
  DIVERGED(
      503,
      "State diverged",
      "This node's state differs from that of a majority of the voters, or voters differ and no"
          + " majority agrees. It answers nothing out of its state; another node may serve."),
  REVISION_NOT_REACHED(
      504,
      "Revision not reached",
      "This node's state did not reach min_revision within the request's time. Another node may be"
          + " ahead; a revision that no answer ever named is never reached."),
  NOT_CONFIRMED(
      504,
      "Read not confirmed",
      "No majority confirmed within the request's time that the state read is current."),
  OUTCOME_UNKNOWN(
      504,
      "Outcome unknown",
      "The request was accepted, and is not known to be committed: it may or may not take effect."
          + " With an idempotency key it can be repeated safely."),
  QUOTA_EXCEEDED(
      507, "Quota exceeded", "The state is at its quota; deletes and releases go through."),
  NO_SPACE(
      507, "No space", "The leader's log disk is nearly full; deletes and releases go through.");

  private final int status;
  private final String title;
  private final String meaning;
  private final String text;

  ProblemCode(int status, String title, String meaning) {
    this.status = status;
    this.title = title;
    this.meaning = meaning;
    this.text = name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** The HTTP status that goes with it, unless a problem says otherwise. */
  public int status() {
    return status;
  }

  /** A few words for people. */
  public String title() {
    return title;
  }

  /** What the page of this code says. */
  public String meaning() {
    return meaning;
  }

  /** As it stands in the member {@code code} and in the page's path. */
  public String text() {
    return text;
  }

  /** The code of this text, null when there is none. */
  public static @Nullable ProblemCode ofText(String text) {
    for (ProblemCode code : values()) {
      if (code.text.equals(text)) {
        return code;
      }
    }
    return null;
  }
}
