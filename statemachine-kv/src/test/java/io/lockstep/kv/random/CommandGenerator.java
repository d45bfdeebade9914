package io.lockstep.kv.random;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.NamedLeaseGrant;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.ServerAlive;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.kv.result.Result.PeriodClaimed;
import io.lockstep.kv.result.Result.TtlKeyPut;
import io.lockstep.kv.result.Result.WorkerLeased;
import io.lockstep.kv.txn.Operation;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Random requests from a seed. What it is told of answers it uses: later requests name leases,
 * tokens, tickets and revisions that exist, or did. The same seed and the same answers give the
 * same requests.
 */
public final class CommandGenerator {
  private static final int REMEMBERED = 12;

  private final SplittableRandom random;
  private final Profile profile;
  private final List<LeaseId> leases = new ArrayList<>();
  private final List<LockGranted> grants = new ArrayList<>();
  private final List<LockQueued> places = new ArrayList<>();

  /** Under which tokens locks were handed on, if somebody waited. */
  private final List<LockReleased> handedOn = new ArrayList<>();

  private final List<Long> revisions = new ArrayList<>();
  private final List<Request> keyed = new ArrayList<>();
  private final TxnGenerator txns;
  private final IdGenerator ids;
  private final SemaphoreGenerator semaphores;
  private long counter;

  public CommandGenerator(long seed, Profile profile) {
    random = new SplittableRandom(seed);
    this.profile = profile;
    ids = new IdGenerator(random);
    semaphores = new SemaphoreGenerator(random);
    txns = new TxnGenerator(random, new Names());
    revisions.add(1L);
  }

  /**
   * The next request: a new one, a retry of one with an idempotency key, or another under its key.
   */
  public Request next() {
    counter++;
    if (!keyed.isEmpty() && random.nextInt(100) < profile.keyedPercent() / 2) {
      Request before = pick(keyed);
      RequestKey key = before.key();
      if (key != null && random.nextInt(6) == 0) {
        Bytes other = Bytes.utf8("another " + counter);
        return new Request(
            before.principal(), new RequestKey(key.scope(), key.text(), other), command());
      }
      return before;
    }
    Command command = command();
    if (random.nextInt(100) >= profile.keyedPercent()) {
      return new Request("anonymous", null, command);
    }
    Bytes text = Bytes.utf8("request-" + (counter % 1_009));
    RequestKey key = new RequestKey("scope-" + random.nextInt(2), text, fingerprint());
    Request request = new Request("somebody", key, command);
    remember(keyed, request);
    return request;
  }

  /** Tells what a request was answered. */
  public void learn(Applied applied) {
    learn(applied.result());
    if (applied.result() instanceof LockReleased released
        && released.name().kind() == LockKind.LOCK) {
      remember(handedOn, new LockReleased(released.name(), applied.revision()));
    }
    ids.learn(applied.result());
    if (revisions.getLast() != applied.revision()) {
      remember(revisions, applied.revision());
    }
  }

  private void learn(Result result) {
    switch (result) {
      case LeaseGranted granted -> remember(leases, granted.lease());
      case WorkerLeased worker -> remember(leases, worker.lease());
      case PeriodClaimed claimed -> remember(leases, claimed.lease());
      case LockGranted granted -> {
        semaphores.learn(granted);
        remember(grants, granted);
        if (random.nextInt(4) == 0) {
          remember(leases, granted.lease());
        }
      }
      case LockQueued queued -> remember(places, queued);
      case KeyPut put -> remember(revisions, put.meta().modRevision());
      case TtlKeyPut put -> {
        if (random.nextInt(3) == 0) {
          remember(leases, put.meta().lease());
        }
      }
      default -> {}
    }
  }

  /**
   * How much cluster time passes before the next entry: mostly little, sometimes seconds, rarely
   * hours.
   */
  public long pauseMillis() {
    int kind = random.nextInt(2_000);
    if (kind < 1_800) {
      return random.nextInt(0, 40);
    }
    if (kind < 1_980) {
      return random.nextInt(0, 900);
    }
    return kind < 1_999 ? random.nextInt(0, 8_000) : random.nextInt(0, 40_000_000);
  }

  private Command command() {
    int kind = random.nextInt(profile.administration() ? 104 : 100);
    if (kind < 16) {
      return put();
    }
    if (kind < 19) {
      return new Add(counter(), delta(), condition(), guards(), random.nextBoolean());
    }
    if (kind < 26) {
      return new Txn(txns.next(0), guards());
    }
    if (kind < 34) {
      return new Delete(key(), condition(), guards(), random.nextBoolean());
    }
    if (kind < 37) {
      return new DeletePrefix(prefix(), random.nextInt(4), guards());
    }
    if (kind < 45) {
      return random.nextInt(4) == 0
          ? new NamedLeaseGrant(ttl(), random.nextInt(-1, 6))
          : new LeaseGrant(ttl(), random.nextLong(), labels());
    }
    if (kind < 55) {
      return renew();
    }
    if (kind < 58) {
      return new LeaseRevoke(lease());
    }
    if (kind < 78) {
      return acquire();
    }
    if (kind < 79) {
      return force();
    }
    if (kind < 86) {
      return release();
    }
    if (kind < 88) {
      return office();
    }
    if (kind < 93) {
      return leave();
    }
    if (kind < 97) {
      return ids.next(strange());
    }
    if (kind < 100) {
      return new ServerAlive(server());
    }
    return administration(kind);
  }

  private Command administration(int kind) {
    return switch (kind) {
      case 100, 101, 102 -> new Compact(pick(revisions) + random.nextInt(3));
      default -> new SetLimits(random.nextInt(3) == 0 ? Limits.DEFAULT : Profile.narrow(random));
    };
  }

  private Put put() {
    return new Put(key(), value(), type(), binding(), condition(), guards(), random.nextBoolean());
  }

  private String type() {
    return random.nextInt(3) == 0 ? "application/json" : "text/plain";
  }

  private LeaseBinding binding() {
    LeaseBinding lease =
        switch (random.nextInt(7)) {
          case 0, 1 -> new LeaseBinding.Detach();
          case 2 -> new LeaseBinding.KeepLease();
          case 3 -> new LeaseBinding.OwnTtl(ttl(), random.nextLong());
          default -> new LeaseBinding.Attach(lease());
        };
    return leases.isEmpty() && lease instanceof LeaseBinding.Attach
        ? new LeaseBinding.Detach()
        : lease;
  }

  private List<Label> labels() {
    List<Label> labels = new ArrayList<>();
    for (String name : List.of("host", "role", "zone")) {
      if (random.nextInt(4) == 0) {
        labels.add(new Label(name, "v" + random.nextInt(3)));
      }
    }
    return labels;
  }

  /** A key that is mostly a counter. */
  private Bytes counter() {
    return random.nextInt(3) == 0 ? key() : Bytes.utf8("c/counter-" + random.nextInt(3));
  }

  private long delta() {
    return switch (random.nextInt(6)) {
      case 0 -> Long.MAX_VALUE - random.nextInt(3);
      case 1 -> Long.MIN_VALUE + random.nextInt(3);
      default -> random.nextInt(-50, 50);
    };
  }

  private Bytes value() {
    if (random.nextInt(5) == 0) {
      return Bytes.utf8(Long.toString(random.nextInt(-20, 20)));
    }
    byte[] value = new byte[random.nextInt(strange() ? 200 : 24)];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) random.nextInt(256);
    }
    return Bytes.wrap(value);
  }

  private KeyCondition condition() {
    return switch (random.nextInt(12)) {
      case 0 -> new KeyCondition.Absent();
      case 1 -> new KeyCondition.Present();
      case 2, 3 -> new KeyCondition.RevisionIs(pick(revisions));
      default -> new KeyCondition.Always();
    };
  }

  private List<LockGuard> guards() {
    List<LockGuard> guards = new ArrayList<>();
    while (!grants.isEmpty() && random.nextInt(4) == 0 && guards.size() < 3) {
      LockGranted grant = recent(grants);
      guards.add(new LockGuard(grant.name().text(), grant.token() + (strange() ? 1 : 0)));
    }
    return guards;
  }

  private Renew renew() {
    List<Renewal> renewals = new ArrayList<>();
    int count = random.nextInt(1, 4);
    for (int i = 0; i < count; i++) {
      if (random.nextInt(4) == 0) {
        renewals.add(new Renewal.OfKey(key()));
        continue;
      }
      if (!places.isEmpty() && random.nextInt(3) == 0) {
        LockQueued place = recent(places);
        LockName name = strange() ? LockName.lock(lock()) : place.name();
        renewals.add(new Renewal.OfTicket(name, place.ticket()));
        continue;
      }
      boolean byGrant = !grants.isEmpty() && random.nextBoolean();
      LockGranted grant = byGrant ? recent(grants) : null;
      renewals.add(
          grant == null
              ? new Renewal.OfLease(lease())
              : new Renewal.OfGrant(grant.name(), grant.token()));
    }
    return new Renew(renewals);
  }

  /** What transactions are about: the same things as everything else. */
  private final class Names implements TxnGenerator.Names {
    @Override
    public Bytes key() {
      return random.nextInt(4) == 0 ? counter() : CommandGenerator.this.key();
    }

    @Override
    public Bytes prefix() {
      return CommandGenerator.this.prefix();
    }

    @Override
    public Operation.Put put() {
      return new Operation.Put(key(), value(), type(), binding());
    }

    @Override
    public Operation.Rewrite rewrite() {
      return new Operation.Rewrite(
          key(), random.nextBoolean() ? null : new Operation.Content(value(), type()), binding());
    }

    @Override
    public Bytes value() {
      return CommandGenerator.this.value();
    }

    @Override
    public long delta() {
      return CommandGenerator.this.delta();
    }

    @Override
    public long revision() {
      return random.nextInt(4) == 0 ? 0 : pick(revisions);
    }

    @Override
    public LeaseId lease() {
      return CommandGenerator.this.lease();
    }

    @Override
    public LockGuard guard() {
      if (grants.isEmpty()) {
        return new LockGuard(lock(), 1);
      }
      LockGranted grant = recent(grants);
      return new LockGuard(grant.name().text(), grant.token());
    }
  }

  private LockAcquire acquire() {
    LockQueued asked = places.isEmpty() || random.nextInt(4) > 0 ? null : recent(places);
    if (asked != null && asked.lease() != null && asked.name().kind() == LockKind.LOCK) {
      return again(asked.name(), asked.lease());
    }
    boolean existing = !leases.isEmpty() && random.nextInt(3) > 0;
    Holder holder = existing ? new ExistingLease(lease()) : new OwnLease(ttl());
    long wait = random.nextInt(5) == 0 ? 0 : random.nextInt(1, 6_000);
    if (random.nextInt(6) == 0) {
      return semaphores.acquire(holder, wait, server());
    }
    boolean stands = random.nextInt(3) == 0;
    String owner = "owner-" + random.nextInt(stands ? 3 : 5);
    boolean shared = !stands && random.nextInt(5) < 3;
    return new LockAcquire(
        stands
            ? LockName.election(Bytes.utf8("lock-1"))
            : LockName.lock(shared ? Bytes.utf8("lock-0") : lock()),
        shared ? LockMode.SHARED : LockMode.EXCLUSIVE,
        holder,
        owner,
        stands ? new Bid(random.nextInt(-1, 2), value()) : Bid.NONE,
        wait,
        queueTtl(),
        server(),
        random.nextInt(4) == 0,
        random.nextLong());
  }

  /** Asks what has become of a place. */
  private LockAcquire again(LockName lock, LeaseId lease) {
    LockMode mode = random.nextInt(4) == 0 ? LockMode.EXCLUSIVE : LockMode.SHARED;
    return new LockAcquire(
        lock,
        mode,
        new ExistingLease(lease),
        "again",
        Bid.NONE,
        random.nextInt(1, 6_000),
        queueTtl(),
        server(),
        false,
        random.nextLong());
  }

  private LockForce force() {
    String reason = "reason-" + random.nextInt(3);
    if (grants.isEmpty() || strange()) {
      return new LockForce(LockName.lock(lock()), random.nextInt(100), reason);
    }
    LockGranted grant = recent(grants);
    return new LockForce(grant.name(), random.nextInt(3) == 0 ? grant.token() : 0, reason);
  }

  private long queueTtl() {
    return random.nextInt(3) > 0 ? 0 : random.nextInt(1, 8_000);
  }

  private LockRelease release() {
    if (grants.isEmpty() || strange()) {
      return new LockRelease(lock(), new ByToken(random.nextInt(100)));
    }
    if (!handedOn.isEmpty() && random.nextInt(3) > 0) {
      // Perhaps that of a grant that came while its request waited, or of several.
      LockReleased released = recent(handedOn);
      return new LockRelease(released.name(), new ByToken(released.token()));
    }
    LockGranted grant = semaphores.isFull() ? semaphores.recent() : recent(grants);
    return new LockRelease(grant.name(), claim(grant));
  }

  private Claim claim(LockGranted grant) {
    return random.nextBoolean() ? new ByToken(grant.token()) : new ByLease(grant.lease());
  }

  /** What a winner does. */
  private Command office() {
    List<LockGranted> won =
        grants.stream().filter(grant -> grant.name().kind() == LockKind.ELECTION).toList();
    LockGranted grant = won.isEmpty() ? null : won.getLast();
    LockName name = grant == null ? LockName.election(lock()) : grant.name();
    Claim claim = grant == null || strange() ? new ByToken(random.nextInt(100)) : claim(grant);
    return random.nextInt(3) == 0
        ? new Proclaim(name, claim, value())
        : new Transfer(name, claim, "owner-" + random.nextInt(3));
  }

  private LockLeave leave() {
    if (places.isEmpty() || strange()) {
      return new LockLeave(lock(), new TicketId(counter, random.nextLong()));
    }
    LockQueued place = recent(places);
    return new LockLeave(place.name(), place.ticket(), random.nextBoolean());
  }

  private LeaseId lease() {
    if (leases.isEmpty() || strange()) {
      return new LeaseId(random.nextInt((int) counter + 2), random.nextInt(3));
    }
    LeaseId lease = recent(leases);
    LockQueued place = places.isEmpty() ? null : recent(places);
    if (place != null && random.nextInt(30) == 0) {
      return new LeaseId(place.ticket().index(), place.ticket().nonce());
    }
    return lease;
  }

  private long ttl() {
    return strange() ? random.nextLong(0, 100_000_000) : random.nextInt(1_000, 6_000);
  }

  private Bytes key() {
    if (strange()) {
      return Bytes.wrap(new byte[random.nextBoolean() ? 0 : random.nextInt(1_023, 1_027)]);
    }
    int number = random.nextInt(profile.keys());
    return Bytes.utf8((number % 3 == 0 ? "a/" : number % 3 == 1 ? "a/b/" : "c") + number);
  }

  private Bytes prefix() {
    return Bytes.utf8(
        switch (random.nextInt(8)) {
          case 0 -> "";
          case 1, 2 -> "a/";
          case 3, 4 -> "a/b/";
          case 5 -> "c1";
          default -> "none";
        });
  }

  private Bytes lock() {
    return strange()
        ? Bytes.wrap(new byte[random.nextBoolean() ? 0 : random.nextInt(1_024, 1_027)])
        : Bytes.utf8("lock-" + random.nextInt(profile.locks()));
  }

  private Server server() {
    int node = random.nextInt(profile.nodes());
    return new Server(new NodeId("n" + node), 1 + random.nextInt(2));
  }

  private Bytes fingerprint() {
    return Bytes.wrap(Long.toHexString(random.nextLong()).getBytes(StandardCharsets.US_ASCII));
  }

  private boolean strange() {
    return random.nextInt(100) < profile.strangePercent();
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  /** One of the list, the later ones more often. */
  private <T> T recent(List<T> list) {
    int size = list.size();
    return list.get(Math.max(random.nextInt(size), random.nextInt(size)));
  }

  private <T> void remember(List<T> list, @Nullable T value) {
    if (value == null) {
      return;
    }
    if (list.size() == REMEMBERED) {
      list.removeFirst();
    }
    list.add(value);
  }
}
