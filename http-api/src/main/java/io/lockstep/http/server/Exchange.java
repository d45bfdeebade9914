package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.Durations;
import io.lockstep.http.request.Query;
import io.lockstep.http.request.Target;
import io.lockstep.http.request.TraceParent;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.response.Names;
import io.lockstep.raft.bytes.Bytes;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request and its one answer. Owned by its loop. What comes after the answer, or after the
 * connection has gone, is dropped.
 */
public final class Exchange {
  private static final long TIMEOUT_MILLIS_MIN = 100;
  private static final long TIMEOUT_MILLIS_MAX = 60_000;
  private static final long TIMEOUT_MILLIS_DEFAULT = 5_000;
  private static final int SERVER_ERROR = 500;
  private static final int FIRST_BODY_BYTES_MAX = 16 << 10;

  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Connection connection;
  private final HttpLoop loop;
  private final ServerParts parts;
  private final long startedNanos;
  private final @Nullable String traceId;
  private final String id;

  /** When the request had come in whole, and how long it asked to be kept waiting after that. */
  private long takenNanos;

  private long waitNanos;
  private @Nullable Target target;
  private @Nullable Query query;
  private String route = "other";
  private boolean over;
  private long answersFrom;
  private int strain;
  private @Nullable Runnable whenGone;
  private @Nullable ErrorForm errors;

  Exchange(HttpServerRequest request, Connection connection, HttpLoop loop, ServerParts parts) {
    this.request = request;
    this.response = request.response();
    this.connection = connection;
    this.loop = loop;
    this.parts = parts;
    this.startedNanos = parts.face().nanoTime();
    this.takenNanos = startedNanos;
    this.traceId =
        request.getHeader(Names.TRACE_PARENT) == null
            ? null
            : TraceParent.traceId(request.headers().getAll(Names.TRACE_PARENT));
    this.id = RequestIds.of(request.getHeader(Names.REQUEST_ID), traceId, parts);
  }

  /** The request's method, in capitals. */
  public String method() {
    return request.method().name();
  }

  public Target target() {
    if (target == null) {
      target = Target.of(request.uri());
    }
    return target;
  }

  public Query query() {
    if (query == null) {
      query = Query.parse(target().rawQuery());
    }
    return query;
  }

  /** A header's value, null when it is not there; the first where it is repeated. */
  public @Nullable String header(CharSequence name) {
    return request.getHeader(name);
  }

  /** A header's value, null when it is not there; refused where it is repeated. */
  public @Nullable String single(CharSequence name) {
    String value = request.getHeader(name);
    if (value != null && request.headers().getAll(name).size() > 1) {
      throw new Rejected(
          Problem.of(ProblemCode.BAD_HEADER, name + " is given twice")
              .with("header", name.toString()));
    }
    return value;
  }

  /** All values of a header, in order. */
  public java.util.List<String> headers(CharSequence name) {
    return request.headers().getAll(name);
  }

  public HttpServerRequest request() {
    return request;
  }

  public HttpServerResponse response() {
    return response;
  }

  public HttpLoop loop() {
    return loop;
  }

  public ServerParts parts() {
    return parts;
  }

  /** The id that this answer carries. */
  public String id() {
    return id;
  }

  /** Names the route for the figures; one of a small fixed set. */
  public void route(String name) {
    route = name;
  }

  /** The moment by which the request must be decided, with {@code waitMillis} on top. */
  public long deadlineNanos(long waitMillis) {
    String text = single(Names.REQUEST_TIMEOUT);
    long millis =
        text == null
            ? TIMEOUT_MILLIS_DEFAULT
            : Durations.millis("Request-Timeout", text, TIMEOUT_MILLIS_MIN, TIMEOUT_MILLIS_MAX);
    waitNanos = TimeUnit.MILLISECONDS.toNanos(waitMillis);
    return startedNanos + TimeUnit.MILLISECONDS.toNanos(millis) + waitNanos;
  }

  /** Whether the answer was given, or nobody is there to take one. */
  public boolean over() {
    return over;
  }

  /** {@code action} runs if the connection goes before the answer is complete. */
  public void whenGone(Runnable action) {
    whenGone = action;
  }

  /** Runs a step of this request; what it throws becomes the answer. */
  public void run(Runnable step) {
    try {
      step.run();
    } catch (Rejected e) {
      problem(e.problem());
    } catch (RuntimeException e) {
      loop.log().bug(named(), e, parts.face().nanoTime());
      give(
          Problem.of(ProblemCode.INTERNAL, "a bug; the node's log has this request's id")
              .withFate(io.lockstep.http.error.Fate.UNKNOWN));
    }
  }

  /** Reads the body, at most the interface's limit, then goes on with it. */
  public void body(Consumer<Bytes> then) {
    body(loop.options().sizes().bodyBytesMax(), ProblemCode.BODY_TOO_LARGE, then);
  }

  /** Reads the body, at most {@code bytesMax}, then goes on with it. */
  public void body(int bytesMax, ProblemCode tooLarge, Consumer<Bytes> then) {
    refuseMedia();
    long declared = declaredLength();
    if (declared > bytesMax) {
      problemAndClose(tooLarge(tooLarge, bytesMax));
    } else if (declared == 0) {
      then.accept(Bytes.EMPTY);
    } else {
      int hint = (int) Math.min(declared < 0 ? 1024 : declared, FIRST_BODY_BYTES_MAX);
      BodyReader reader =
          new BodyReader(this, bytesMax, tooLarge, hint, parts.face().nanoTime(), then);
      loop.reading(reader);
      reader.start(request);
    }
  }

  /** The body is here: what comes now is not the client's time any more. */
  void bodyTaken() {
    takenNanos = parts.face().nanoTime();
  }

  /** Refuses a request that brings a body where none is taken. */
  public void refuseBody() {
    if (declaredLength() != 0) {
      throw new Rejected(ProblemCode.UNEXPECTED_BODY, method() + " takes no body here");
    }
  }

  /** Whether a body follows the head. */
  boolean hasBody() {
    return declaredLength() != 0;
  }

  static Problem tooLarge(ProblemCode code, int bytesMax) {
    return Problem.of(code, "at most " + bytesMax + " bytes are taken").with("limit", bytesMax);
  }

  /** Empty scratch memory for a text that is sent before this method is called again. */
  public JsonText json() {
    return loop.scratch();
  }

  /** Adds a header to the answer. */
  public Exchange with(CharSequence name, CharSequence value) {
    response.putHeader(name, value);
    return this;
  }

  /** Answers with JSON, at the node's present revision. */
  public void answer(int status, JsonText json) {
    answer(status, parts.face().revision(), json);
  }

  /** Answers with JSON at {@code revision}. */
  public void answer(int status, long revision, JsonText json) {
    send(
        status,
        revision,
        Names.JSON,
        Buffer.buffer(json.size()).appendBytes(json.array(), 0, json.size()));
  }

  /** Answers without a body. */
  public void answerEmpty(int status, long revision) {
    send(status, revision, null, null);
  }

  /** Answers with {@code body} as it is. */
  public void send(
      int status, long revision, @Nullable CharSequence contentType, @Nullable Buffer body) {
    if (over) {
      return;
    }
    head(status, revision, contentType);
    if (body == null) {
      response.end();
    } else if (method().equals("HEAD")) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length())).end();
    } else {
      response.end(body);
    }
    done(status);
  }

  /** Begins an answer whose body is streamed; {@link #streamed} ends it. */
  public void stream(int status, long revision, CharSequence contentType) {
    head(status, revision, contentType);
    response.putHeader(Names.ACCEL_BUFFERING, Names.NO);
    if (request.version() == io.vertx.core.http.HttpVersion.HTTP_1_0) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    response.setChunked(true);
  }

  /** Ends a streamed answer. */
  public void streamed(int status) {
    if (!over) {
      response.end();
      done(status);
    }
  }

  /** How hard the leader found it to commit what is answered, in thousandths. */
  public void strain(int thousandths) {
    strain = thousandths;
  }

  public int strain() {
    return strain;
  }

  /** Errors from now on are about the state at {@code revision}, whatever comes after it. */
  public void answersFrom(long revision) {
    answersFrom = revision;
  }

  /** Errors from now on are written in another form than this service's own. */
  public void errorsAs(ErrorForm form) {
    errors = form;
  }

  /** Answers with an error. */
  public void problem(Problem problem) {
    if (!over && problem.status() >= SERVER_ERROR) {
      long now = parts.face().nanoTime();
      loop.log().failed(named(), problem, now - startedNanos, now);
    }
    give(problem);
  }

  private void give(Problem problem) {
    if (over) {
      return;
    }
    if (response.headWritten()) {
      connection.closeNow();
      return;
    }
    long revision = answersFrom == 0 ? parts.face().revision() : answersFrom;
    JsonText json = json();
    ErrorForm form = errors;
    int status = problem.status();
    if (form == null) {
      problem.write(json, id, revision, parts.face().leader());
    } else {
      status = form.write(json, problem);
    }
    if (problem.retryable()) {
      long seconds = Math.max(1, (problem.retryAfterMillis() + 999) / 1_000);
      response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
    }
    boolean bodyPending = hasBody() && !request.isEnded();
    if (bodyPending) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    send(
        status,
        revision,
        form == null ? Names.PROBLEM_JSON : Names.JSON,
        Buffer.buffer(json.size()).appendBytes(json.array(), 0, json.size()));
    if (bodyPending) {
      connection.linger();
    }
  }

  /** Puts down in the node's log what this request has done. */
  public void audit(String what) {
    loop.log().audit(named(), what);
  }

  /** Answers with an error and closes the connection, for what else it brings is not wanted. */
  public void problemAndClose(Problem problem) {
    if (over) {
      return;
    }
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    problem(problem);
    connection.linger();
  }

  /** Breaks a streamed answer off: its reader can tell that it is not complete. */
  public void cut() {
    connection.closeNow();
  }

  /** Closes the connection once what was written has left. */
  void closeConnection() {
    connection.closeNow();
  }

  /** Cuts the connection: its reader takes nothing. */
  void abort() {
    connection.abort();
  }

  /** The connection went away. */
  void connectionGone() {
    if (!over) {
      over = true;
      Runnable action = whenGone;
      whenGone = null;
      if (action != null) {
        action.run();
      }
    }
  }

  private void head(int status, long revision, @Nullable CharSequence contentType) {
    response.setStatusCode(status);
    if (contentType != null) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, contentType);
    }
    NodeFace face = parts.face();
    response
        .putHeader(HttpHeaders.CACHE_CONTROL, Names.NO_STORE)
        .putHeader(Names.REVISION, Long.toString(revision))
        .putHeader(Names.LEADER, face.leader())
        .putHeader(Names.NODE, face.node())
        .putHeader(Names.REQUEST_ID, id);
  }

  private void done(int status) {
    over = true;
    whenGone = null;
    long now = parts.face().nanoTime();
    connection.ends(this, now);
    parts.listener().answered(route, status, now - startedNanos);
    noteSlowness(status, now);
  }

  private RequestLog.Named named() {
    return new RequestLog.Named(route, id, traceId);
  }

  /** Reads may be large, and streams long: only writes are expected to be quick. */
  private void noteSlowness(int status, long nowNanos) {
    long nanos = nowNanos - takenNanos - waitNanos;
    long limit = TimeUnit.MILLISECONDS.toNanos(loop.options().times().slowWriteMillis());
    if (nanos > limit && status < SERVER_ERROR && !isRead()) {
      String timing = response.headers().get(Names.SERVER_TIMING);
      loop.log().slow(named(), status, timing, nowNanos - startedNanos, nowNanos);
    }
  }

  private boolean isRead() {
    return method().equals("GET") || method().equals("HEAD");
  }

  private void refuseMedia() {
    String encoding = header(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new Rejected(ProblemCode.UNSUPPORTED_MEDIA, "a body must have no Content-Encoding");
    }
    String type = header(HttpHeaders.CONTENT_TYPE);
    if (type != null && type.regionMatches(true, 0, "multipart/", 0, 10)) {
      throw new Rejected(ProblemCode.UNSUPPORTED_MEDIA, "a body must not be multipart");
    }
  }

  /** Zero for no body, negative for one of unknown length. */
  private long declaredLength() {
    String length = header(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return header(HttpHeaders.TRANSFER_ENCODING) == null ? 0 : -1;
    }
    try {
      return Long.parseLong(length.trim());
    } catch (NumberFormatException e) {
      // Only in what the decoder has found to be malformed.
      return -1;
    }
  }
}
