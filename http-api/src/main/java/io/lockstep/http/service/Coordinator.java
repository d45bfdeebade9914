package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.lease.LeaseView;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.RaftStatus;
import io.lockstep.raft.StateAgreement;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Capture;
import io.lockstep.raft.node.ChangeCompletion;
import io.lockstep.raft.node.NodeClock;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The service of one node, without HTTP: submits requests, confirms reads, forwards to the leader,
 * waits for locks, and does a leader's chores. All methods may be called from any thread and return
 * at once. Given its parts it is deterministic.
 */
public final class Coordinator {
  private static final String SERVICE_PRINCIPAL = "lockstep";

  private final CoordinatorParts parts;
  private final Admission admission;
  private final Forwards forwards;
  private final ForwardedProposals arriving;
  private final Routing routing;
  private final SharedReads reads;
  private final RevisionWaits revisions;
  private final LatchWaits latches;
  private final LockWaits waits;
  private final TicketWaits tickets;
  private final Housekeeping housekeeping;
  private final MembershipRequests membership;
  private final CopyOnWriteArrayList<Runnable> listeners = new CopyOnWriteArrayList<>();

  public Coordinator(CoordinatorParts parts, CoordinatorOptions options) {
    this.parts = parts;
    admission = new Admission(options.outstandingMax(), options.outstandingBytesMax());
    Sweeper sweeper = new Sweeper(parts.service(), parts.clock(), options.sweepMillis());
    forwards = new Forwards(parts.transport(), parts.startNumber());
    RenewalWindow renewals =
        new RenewalWindow(
            parts.raft(),
            parts.service(),
            parts.clock(),
            this::endsWithin,
            options,
            SERVICE_PRINCIPAL);
    reads = new SharedReads(parts.raft(), parts.clock(), sweeper, options);
    IdBlocks ids = new IdBlocks(parts, reads, SERVICE_PRINCIPAL);
    routing = new Routing(parts.raft(), admission, sweeper, renewals, ids, forwards);
    arriving = new ForwardedProposals(parts, admission, routing);
    revisions = new RevisionWaits(parts.views(), sweeper, options);
    latches = new LatchWaits(parts.views(), sweeper, options);
    waits = new LockWaits(parts, options, routing, sweeper, SERVICE_PRINCIPAL);
    tickets = new TicketWaits(parts, options, routing, sweeper, SERVICE_PRINCIPAL);
    membership = new MembershipRequests(parts, sweeper);
    housekeeping = new Housekeeping(parts, options, routing, admission, SERVICE_PRINCIPAL);
  }

  /** Begins the chores of a leader. Once. */
  public void start() {
    housekeeping.start();
  }

  /** Brings a request to the log by {@code deadlineNanos} on this node's clock. */
  public void submit(Request request, long deadlineNanos, AnswerSink sink) {
    if (serves()) {
      routing.submit(request, deadlineNanos, sink);
    } else {
      sink.answer(new Answer.NotApplied(Refusal.DIVERGED));
    }
  }

  /**
   * Takes a lock, or waits for it as long as {@code acquire} says.
   *
   * @param acquire the request's command
   * @param deadlineNanos by when the answer is due, the wait included
   * @return to be cancelled when nobody waits for the answer any more
   */
  public LockWait acquire(
      Request request, LockAcquire acquire, long deadlineNanos, AnswerSink sink) {
    return waits.acquire(request, acquire, deadlineNanos, sink);
  }

  /**
   * Polls a durable ticket, and waits at most {@code waitMillis} for its grant or end.
   *
   * @param known what the caller knows of the ticket already and needs not be asked; or null
   * @param deadlineNanos by when the answer is due, the wait included
   * @param sink is told of {@link Result.LockGranted}, {@link Result.LockQueued} or why neither
   * @return to be cancelled when nobody waits for the answer any more: the ticket stays
   */
  public TicketWait poll(
      LockName name,
      TicketId ticket,
      Answer.@Nullable Done known,
      long waitMillis,
      long deadlineNanos,
      AnswerSink sink) {
    return tickets.poll(name, ticket, known, waitMillis, deadlineNanos, sink);
  }

  /** Confirms by {@code deadlineNanos} that {@link #view} is current. */
  public void read(long deadlineNanos, ReadSink sink) {
    if (admission.isShuttingDown()) {
      sink.refused(Refusal.SHUTTING_DOWN);
    } else if (!serves()) {
      sink.refused(Refusal.DIVERGED);
    } else {
      reads.read(deadlineNanos, sink);
    }
  }

  /** Tells by {@code deadlineNanos} when {@link #view} is at {@code revision} or later. */
  public void reach(long revision, long deadlineNanos, ReadSink sink) {
    if (admission.isShuttingDown()) {
      sink.refused(Refusal.SHUTTING_DOWN);
    } else {
      revisions.await(revision, deadlineNanos, sink);
    }
  }

  /** Tells by {@code deadlineNanos} when a latch is open in {@link #view}. */
  public void awaitLatch(Bytes latch, long deadlineNanos, ReadSink sink) {
    latches.await(latch, deadlineNanos, sink);
  }

  /** This node's state as it is, and how old it may be; no other node is asked. */
  public LocalState local() {
    // In this order: the state is then no older, and its age no less, than what is said of them.
    RaftStatus status = parts.raft().status();
    KvView view = parts.views().get();
    return LocalState.of(status, view, parts.clock().nanoTime());
  }

  /**
   * Asks the leader for another membership.
   *
   * @param completion hears of it once, from any thread
   */
  public void changeMembership(
      MembershipChange change, long deadlineNanos, ChangeCompletion completion) {
    membership.change(change, deadlineNanos, completion);
  }

  /** Asks the leader to hand over to {@code to}, or to whom it likes when null. */
  public void transferLeadership(
      @Nullable NodeId to, long deadlineNanos, TransferCompletion completion) {
    membership.transfer(to, deadlineNanos, completion);
  }

  /** The state that was published last on this node. */
  public KvView view() {
    return parts.views().get();
  }

  /** Asks for all that is applied here, as {@code RaftHandle} does. */
  public void capture(Consumer<@Nullable Capture> taken) {
    parts.raft().capture(taken);
  }

  /** This node's view of its role. */
  public RaftStatus status() {
    return parts.raft().status();
  }

  /** This node. */
  public NodeId self() {
    return parts.self();
  }

  /** This life of this node, as one that waits on clients' behalf. */
  public Server server() {
    return new Server(parts.self(), parts.startNumber());
  }

  /** The clock of all deadlines. */
  public NodeClock clock() {
    return parts.clock();
  }

  /** What a clock of the world shows: milliseconds since 1970. */
  public long wallMillis() {
    return WallClock.millis(parts.wallMillis());
  }

  /** A number for an id that the service makes. */
  public long nonce() {
    return parts.nonces().getAsLong();
  }

  /** Whether a link to this member is up, as far as known. */
  public boolean connected(NodeId peer) {
    return parts.transport().connected(peer);
  }

  /** Whether the log disk of this node has room for everything. */
  public boolean hasRoom() {
    return Admission.hasRoom(parts.raft(), Lane.WRITE);
  }

  /** Whether this node may answer out of its state: see {@link StateAgreement}. */
  public boolean serves() {
    return status().state().serves();
  }

  /** Whether this node leads and commits nothing. */
  public boolean stalled() {
    return admission.isStalled();
  }

  /** {@code listener} is called after each publish, on the applying thread; must be cheap. */
  public void onPublish(Runnable listener) {
    listeners.add(listener);
  }

  /** {@code listener} is called no more. */
  public void offPublish(Runnable listener) {
    listeners.remove(listener);
  }

  /** The state machine has published a new view. Called by the applying thread. */
  public void published() {
    waits.published();
    tickets.published();
    revisions.published();
    latches.published();
    for (Runnable listener : listeners) {
      listener.run();
    }
  }

  /** A message of another node's service has arrived. One that makes no sense is dropped. */
  public void onService(NodeId from, Bytes payload) {
    ServiceMessage message;
    try {
      message = ServiceCodec.decode(payload);
    } catch (Malformed e) {
      return;
    }
    switch (message) {
      case ServiceMessage.Forward forward -> arriving.accept(from, forward);
      case ServiceMessage.Answered answered -> forwards.answered(from, answered);
      case ServiceMessage.Refused refused -> forwards.refused(from, refused);
      case ServiceMessage.FateUnknown unknown -> forwards.unknown(from, unknown);
      case ServiceMessage.AskChange ask -> membership.asked(from, ask);
      case ServiceMessage.ChangeAnswered answered -> membership.answered(from, answered);
      case ServiceMessage.AskTransfer ask -> parts.raft().transferLeadership(ask.to());
    }
  }

  /** A link to {@code peer} went down. */
  public void onDisconnected(NodeId peer) {
    forwards.disconnected(peer);
    membership.disconnected(peer);
  }

  /** Refuses what is new and ends the waits for locks; what runs goes on. */
  public void beginShutdown() {
    admission.shutDown();
    waits.shutDown();
    tickets.shutDown();
    revisions.shutDown();
    latches.shutDown();
  }

  /** What is open at the moment. */
  public Figures figures() {
    return new Figures(
        admission.outstanding(),
        reads.outstanding() + revisions.outstanding() + latches.outstanding(),
        waits.count() + tickets.count());
  }

  /**
   * What is open at one moment.
   *
   * @param outstanding submitted requests without an answer, forwarded ones included
   * @param reads reads without an answer
   * @param lockWaits clients that wait for a lock
   */
  public record Figures(int outstanding, int reads, int lockWaits) {}

  private boolean endsWithin(Renewal renewal, long millis) {
    KvView view = view();
    return switch (renewal) {
      case Renewal.OfLease(LeaseId lease) -> endsWithin(view, lease, millis);
      case Renewal.OfKey(Bytes key) -> {
        KeyRecord record = view.get(key);
        LeaseId lease = record == null ? null : record.meta().lease();
        yield lease != null && endsWithin(view, lease, millis);
      }
      case Renewal.OfGrant(LockName name, long token) -> {
        LeaseId lease = view.leaseOfGrant(name, token);
        yield lease != null && endsWithin(view, lease, millis);
      }
      case Renewal.OfTicket(LockName name, TicketId ticket) ->
          view.ticket(ticket) instanceof Result.LockQueued queued
              && queued.remainingWaitMillis() <= millis;
    };
  }

  private static boolean endsWithin(KvView view, LeaseId lease, long millis) {
    LeaseView found = view.lease(lease, 0);
    return found != null && found.expiresInMillis() <= millis;
  }
}
