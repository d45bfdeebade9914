package io.lockstep.http.backup;

import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.LoopTask;
import io.lockstep.http.server.Outflow;
import io.lockstep.raft.journal.file.SnapshotEncoder;
import io.lockstep.raft.node.Capture;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One backup on its way to its reader. A worker makes the pieces and waits while the few that may
 * wait are not taken; the loop sends them as the socket drains. So no more of it is in memory than
 * the state itself and these. What is not sent to its end lacks its digest, and its connection is
 * cut. Owned by the loop but for what the worker does.
 */
final class BackupStream {
  private static final int PIECES_WAITING_MAX = 2;
  private static final long LOOK_MILLIS = 100;

  private final Exchange exchange;
  private final Capture capture;
  private final long revision;
  private final BackupForm form;
  private final Outflow out;
  private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(PIECES_WAITING_MAX);
  private volatile boolean gone;
  private volatile long total;
  private long sent;
  private boolean made;
  private boolean ended;

  BackupStream(Exchange exchange, Capture capture, long revision, BackupForm form) {
    this.exchange = exchange;
    this.capture = capture;
    this.revision = revision;
    this.form = form;
    this.out = new Outflow(exchange, this::pump);
  }

  /** {@code closed} is called once, when all of it is made or nobody takes it any more. */
  void start(WorkerExecutor workers, Runnable closed) {
    exchange.whenGone(() -> gone = true);
    exchange.audit("backup begun: revision=" + revision);
    out.begin(200, revision, form.contentType());
    workers
        .executeBlocking(
            () -> {
              make();
              return this;
            },
            false)
        .onComplete(
            made -> {
              closed.run();
              if (made.succeeded()) {
                end();
              } else {
                fail(made.cause());
              }
            });
  }

  private void make() throws IOException {
    if (form.tellsRemaining()) {
      long[] count = new long[1];
      encode(part -> count[0] += part.remaining());
      total = count[0];
    }
    encode(this::offer);
  }

  private void encode(SnapshotEncoder.Output output) throws IOException {
    SnapshotEncoder encoder = new SnapshotEncoder(capture.meta(), output);
    capture.state().writeTo(encoder);
    encoder.finish();
  }

  /** On the worker. */
  private void offer(ByteBuffer part) throws IOException {
    byte[] piece = new byte[part.remaining()];
    part.get(piece);
    try {
      boolean taken = false;
      while (!taken) {
        if (gone) {
          throw new IOException("its reader has gone");
        }
        taken = pieces.offer(piece, LOOK_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the node stops");
    }
    exchange
        .loop()
        .post(
            new LoopTask() {
              @Override
              protected void run() {
                exchange.run(BackupStream.this::pump);
              }
            });
  }

  private void pump() {
    while (!ended && !out.full()) {
      byte[] piece = pieces.poll();
      if (piece == null) {
        break;
      }
      sent += piece.length;
      out.write(form.piece(piece, Math.max(0, total - sent)));
    }
    if (made && !ended && !exchange.over() && pieces.isEmpty()) {
      ended = true;
      exchange.audit("backup complete: revision=" + revision + " bytes=" + sent);
      out.end();
    }
  }

  private void end() {
    made = true;
    exchange.run(this::pump);
  }

  private void fail(Throwable cause) {
    if (!exchange.over()) {
      ended = true;
      exchange.audit("backup broken off: revision=" + revision + " reason=" + cause.getMessage());
      exchange.cut();
    }
  }
}
