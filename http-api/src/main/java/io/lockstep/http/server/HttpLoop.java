package io.lockstep.http.server;

import io.lockstep.http.HttpOptions;
import io.lockstep.http.response.JsonText;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop owns: its connections, the bodies it is reading, scratch memory, and an inbox
 * through which other threads hand it work. All methods but {@link #post} are called on the loop.
 */
public final class HttpLoop {
  private static final int SCRATCH_BYTES = 4096;

  private final Context context;
  private final HttpOptions options;
  private final AtomicReference<@Nullable LoopTask> inbox = new AtomicReference<>();
  private final Handler<@Nullable Void> drain = nothing -> drain();
  private final JsonText scratch = new JsonText(SCRATCH_BYTES);
  private final RequestLog log = new RequestLog();
  private final Set<Connection> connections = new LinkedHashSet<>();
  private List<BodyReader> bodies = new ArrayList<>();
  private List<Outflow> flows = new ArrayList<>();
  private final List<LongConsumer> sweeps = new ArrayList<>();
  private final List<Runnable> closings = new ArrayList<>();
  private long bodyBytes;
  private boolean closing;

  public HttpLoop(Context context, HttpOptions options) {
    this.context = context;
    this.options = options;
  }

  /** Hands over work; wakes the loop only if it has none waiting. Callable from any thread. */
  public void post(LoopTask task) {
    LoopTask before;
    do {
      before = inbox.get();
      task.next = before;
    } while (!inbox.compareAndSet(before, task));
    if (before == null) {
      context.runOnContext(drain);
    }
  }

  /** The Vert.x context of this loop. */
  public Context context() {
    return context;
  }

  /** The interface's bounds. */
  public HttpOptions options() {
    return options;
  }

  /** Whether new requests are refused because the node is stopping. */
  public boolean closing() {
    return closing;
  }

  /** {@code sweep} is called with the time a few times a second. */
  public void onSweep(LongConsumer sweep) {
    sweeps.add(sweep);
  }

  /** {@code action} is called when the loop begins to close. */
  public void onClosing(Runnable action) {
    closings.add(action);
  }

  /** From now on new requests are refused, and a connection is closed when its request is done. */
  public void beginClosing() {
    closing = true;
    closings.forEach(Runnable::run);
    for (Connection connection : List.copyOf(connections)) {
      connection.closeWhenIdle();
    }
  }

  /** How many requests are open. */
  public int openExchanges() {
    int count = 0;
    for (Connection connection : connections) {
      if (connection.isOpen()) {
        count++;
      }
    }
    return count;
  }

  /** Looks after what takes too long; called a few times a second. */
  public void sweep(long nowNanos) {
    List<BodyReader> open = new ArrayList<>();
    for (BodyReader body : bodies) {
      if (!body.expireAt(nowNanos)) {
        open.add(body);
      }
    }
    bodies = open;
    List<Outflow> flowing = new ArrayList<>();
    for (Outflow flow : flows) {
      if (!flow.sweep(nowNanos)) {
        flowing.add(flow);
      }
    }
    flows = flowing;
    sweeps.forEach(each -> each.accept(nowNanos));
    for (Connection connection : List.copyOf(connections)) {
      connection.sweep(nowNanos);
    }
  }

  /** Takes memory for a body that is being read; whether there is some. */
  boolean takeBodyBytes(int bytes) {
    if (bodyBytes + bytes > options.sizes().bodiesBytesMax()) {
      return false;
    }
    bodyBytes += bytes;
    return true;
  }

  void giveBodyBytes(int bytes) {
    bodyBytes -= bytes;
  }

  RequestLog log() {
    return log;
  }

  JsonText scratch() {
    return scratch.clear();
  }

  void reading(BodyReader body) {
    bodies.add(body);
  }

  void flowing(Outflow flow) {
    flows.add(flow);
  }

  void opened(Connection connection) {
    connections.add(connection);
  }

  void closed(Connection connection) {
    connections.remove(connection);
  }

  private void drain() {
    LoopTask newestFirst = inbox.getAndSet(null);
    @Nullable LoopTask oldestFirst = null;
    while (newestFirst != null) {
      LoopTask rest = newestFirst.next;
      newestFirst.next = oldestFirst;
      oldestFirst = newestFirst;
      newestFirst = rest;
    }
    while (oldestFirst != null) {
      LoopTask rest = oldestFirst.next;
      oldestFirst.next = null;
      oldestFirst.run();
      oldestFirst = rest;
    }
  }
}
