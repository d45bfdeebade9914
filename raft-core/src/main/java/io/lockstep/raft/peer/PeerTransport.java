package io.lockstep.raft.peer;

import io.lockstep.raft.EntryId;
import io.lockstep.raft.Invariant;
import io.lockstep.raft.Membership;
import io.lockstep.raft.Message;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.identity.Identity;
import io.lockstep.raft.storage.SnapshotSource;
import io.lockstep.raft.transport.Transport;
import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The links to the other members over TCP. In this order: {@link #listen}, {@link #firstStart},
 * {@link #start}; at the end {@link #close}. All methods may be called from any thread and return
 * at once.
 *
 * <p>Each peer has one outgoing connection, dialed at the address in this node's own {@code
 * --cluster}, on which this node only sends; it receives on the connections that peers open to it.
 * So each direction between two nodes is a connection of its own, and so is each snapshot while it
 * is sent. One event loop owns all of them: it encodes, decodes and checks, and calls the receiver,
 * but for snapshots.
 */
public final class PeerTransport implements Transport {
  private final Vertx vertx;
  private final LocalNode local;
  private final Executor snapshotFiles;
  private volatile Identity identity;
  private volatile @Nullable PeerPort port;
  private volatile @Nullable String deployment;

  /** Makes a formed identity durable. */
  @FunctionalInterface
  public interface Keeper {
    /**
     * Called on the event loop; must not block. The future ends when {@code formed} survives a
     * power cut.
     */
    Future<Void> keep(Identity formed);
  }

  private PeerTransport(
      Vertx vertx, PeerOptions options, Identity identity, Executor snapshotFiles) {
    this.vertx = vertx;
    this.snapshotFiles = snapshotFiles;
    this.local = new LocalNode(vertx, options, identity);
    this.identity = identity;
  }

  /**
   * The peer port of the node that {@code identity} names. It neither listens nor dials yet.
   *
   * @param snapshotFiles the thread that owns the snapshot files: runs tasks one after the other
   */
  public static PeerTransport create(
      Vertx vertx, PeerOptions options, Identity identity, Executor snapshotFiles) {
    return new PeerTransport(vertx, options, identity, snapshotFiles);
  }

  /**
   * Opens the port. From now on peers learn who this node is.
   *
   * @return the port listened on; fails with {@link PeerPortException} when the address cannot be
   *     had
   */
  public Future<Integer> listen() {
    Deployment made = new Deployment();
    return vertx
        .deployVerticle(made)
        .map(
            id -> {
              deployment = id;
              return made.boundPort;
            });
  }

  /**
   * Takes part in the first start of a cluster, for as long as it takes. A directory that already
   * belongs to one goes on at once.
   *
   * @param keeper called at most once
   * @return this node's durable identity; fails with {@link PeerPortException}, whose message is
   *     for the operator, when the node must not start
   */
  public Future<Identity> firstStart(Keeper keeper) {
    PeerPort opened = opened();
    Promise<Identity> started = Promise.promise();
    opened
        .loop()
        .runOnContext(
            turn ->
                opened
                    .firstStart(keeper)
                    .onComplete(
                        formed -> {
                          identity = formed;
                          started.complete(formed);
                        },
                        started::fail));
    return started.future();
  }

  /** This node's identity, as far as it is durable. */
  public Identity identity() {
    return identity;
  }

  @Override
  public void start(Receiver receiver) {
    Invariant.check(identity.formed(), "a node without a cluster sends nothing");
    PeerPort opened = opened();
    opened.loop().runOnContext(turn -> opened.start(receiver));
  }

  @Override
  public void send(NodeId to, Message message) {
    OutgoingLink link = link(to);
    if (link == null) {
      local.counters.messagesDropped.increment();
    } else {
      link.send(message);
    }
  }

  @Override
  public boolean sendService(NodeId to, Bytes payload) {
    OutgoingLink link = link(to);
    boolean sent =
        link != null
            && payload.length() <= local.options.limits().serviceBytesMax()
            && link.sendService(payload);
    if (!sent) {
      local.counters.serviceRefused.increment();
    }
    return sent;
  }

  @Override
  public void sendSnapshot(NodeId to, long term, SnapshotSource snapshot, SnapshotSent done) {
    PeerPort opened = opened();
    opened.loop().runOnContext(turn -> opened.snapshots().send(to, term, snapshot, done));
  }

  @Override
  public void members(EntryId since, Membership membership, List<NodeId> others) {
    PeerPort opened = opened();
    opened
        .loop()
        .runOnContext(
            turn -> opened.members(local.roster().next(local, since, membership, others)));
  }

  @Override
  public boolean connected(NodeId peer) {
    OutgoingLink link = link(peer);
    return link != null && link.figures().connected();
  }

  /** The figures of this moment. */
  public PeerFigures figures() {
    SortedMap<NodeId, PeerFigures.Link> links = new TreeMap<>();
    PeerPort opened = port;
    if (opened != null) {
      opened.links().forEach((peer, link) -> links.put(peer, link.figures()));
    }
    return local.counters.figures(links);
  }

  /**
   * Closes all connections and the port. The receiver hears nothing more once the future has ended.
   */
  public Future<Void> close() {
    String id = deployment;
    deployment = null;
    return id == null ? Future.succeededFuture() : vertx.undeploy(id);
  }

  private PeerPort opened() {
    PeerPort opened = port;
    if (opened == null) {
      throw new IllegalStateException("the peer port is not open");
    }
    return opened;
  }

  private @Nullable OutgoingLink link(NodeId peer) {
    PeerPort opened = port;
    return opened == null ? null : opened.links().get(peer);
  }

  /** Gives the port an event loop of its own. */
  private final class Deployment implements Deployable {
    private int boundPort;

    @Override
    public Future<?> deploy(Context context) {
      PeerPort made = new PeerPort(local, context, snapshotFiles);
      return made.listen()
          .onSuccess(
              bound -> {
                boundPort = bound;
                port = made;
              })
          .onFailure(unbound -> made.close());
    }

    @Override
    public Future<?> undeploy(Context context) {
      PeerPort made = port;
      return made == null ? Future.succeededFuture() : made.close();
    }
  }
}
