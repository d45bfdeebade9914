package io.lockstep.kv.random;

import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.Add;
import io.lockstep.kv.command.Command.Compact;
import io.lockstep.kv.command.Command.Delete;
import io.lockstep.kv.command.Command.DeletePrefix;
import io.lockstep.kv.command.Command.LeaseGrant;
import io.lockstep.kv.command.Command.LeaseRevoke;
import io.lockstep.kv.command.Command.NamedLeaseGrant;
import io.lockstep.kv.command.Command.Put;
import io.lockstep.kv.command.Command.Renew;
import io.lockstep.kv.command.Command.ServerAlive;
import io.lockstep.kv.command.Command.SetLimits;
import io.lockstep.kv.command.Command.Txn;
import io.lockstep.kv.command.KeyCondition;
import io.lockstep.kv.command.Label;
import io.lockstep.kv.command.LeaseBinding;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.Limits;
import io.lockstep.kv.command.LockGuard;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Renewal;
import io.lockstep.kv.command.Request;
import io.lockstep.kv.command.RequestKey;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result;
import io.lockstep.kv.result.Result.KeyPut;
import io.lockstep.kv.result.Result.LeaseGranted;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
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

/**
 * Random requests from a seed. What it is told of answers it uses: later requests name leases,
 * tokens, tickets and revisions that exist, or did. The same seed and the same answers give the
 * same requests.
 */
public final class CommandGenerator {
  private final SplittableRandom random;
  private final Profile profile;
  private final Remembered<LeaseId> leases;
  private final Remembered<Long> revisions;
  private final Remembered<Request> keyed;
  private final TxnGenerator txns;
  private final IdGenerator ids;
  private final LockGenerator locks;
  private long counter;

  public CommandGenerator(long seed, Profile profile) {
    random = new SplittableRandom(seed);
    this.profile = profile;
    ids = new IdGenerator(random);
    leases = new Remembered<>(random);
    revisions = new Remembered<>(random);
    keyed = new Remembered<>(random);
    locks = new LockGenerator(random, profile, new LockNames());
    txns = new TxnGenerator(random, new Names());
    revisions.add(1L);
  }

  /**
   * The next request: a new one, a retry of one with an idempotency key, or another under its key.
   */
  public Request next() {
    counter++;
    if (!keyed.isEmpty() && random.nextInt(100) < profile.keyedPercent() / 2) {
      Request before = keyed.any();
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
    keyed.add(request);
    return request;
  }

  /** Tells what a request was answered. */
  public void learn(Applied applied) {
    learn(applied.result());
    locks.learn(applied);
    ids.learn(applied.result());
    if (revisions.all().getLast() != applied.revision()) {
      revisions.add(applied.revision());
    }
  }

  private void learn(Result result) {
    switch (result) {
      case LeaseGranted granted -> leases.add(granted.lease());
      case WorkerLeased worker -> leases.add(worker.lease());
      case PeriodClaimed claimed -> leases.add(claimed.lease());
      case LockGranted granted -> {
        if (random.nextInt(4) == 0) {
          leases.add(granted.lease());
        }
      }
      case KeyPut put -> revisions.add(put.meta().modRevision());
      case TtlKeyPut put -> {
        if (random.nextInt(3) == 0) {
          leases.add(put.meta().lease());
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
      return locks.acquire();
    }
    if (kind < 79) {
      return locks.force();
    }
    if (kind < 86) {
      return locks.release();
    }
    if (kind < 88) {
      return locks.office();
    }
    if (kind < 93) {
      return locks.leave();
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
      case 100, 101, 102 -> new Compact(revisions.any() + random.nextInt(3));
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
      case 2, 3 -> new KeyCondition.RevisionIs(revisions.any());
      default -> new KeyCondition.Always();
    };
  }

  private List<LockGuard> guards() {
    List<LockGuard> guards = new ArrayList<>();
    LockGranted grant = locks.recentGrant();
    while (grant != null && random.nextInt(4) == 0 && guards.size() < 3) {
      guards.add(new LockGuard(grant.name().text(), grant.token() + (strange() ? 1 : 0)));
      grant = locks.recentGrant();
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
      LockQueued place = locks.recentPlace();
      if (place != null && random.nextInt(3) == 0) {
        LockName name = strange() ? LockName.lock(lock()) : place.name();
        renewals.add(new Renewal.OfTicket(name, place.ticket()));
        continue;
      }
      LockGranted grant = random.nextBoolean() ? locks.recentGrant() : null;
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
      return random.nextInt(4) == 0 ? 0 : revisions.any();
    }

    @Override
    public LeaseId lease() {
      return CommandGenerator.this.lease();
    }

    @Override
    public LockGuard guard() {
      LockGranted grant = locks.recentGrant();
      return grant == null
          ? new LockGuard(lock(), 1)
          : new LockGuard(grant.name().text(), grant.token());
    }
  }

  /** What requests about locks are about. */
  private final class LockNames implements LockGenerator.Names {
    @Override
    public boolean strange() {
      return CommandGenerator.this.strange();
    }

    @Override
    public boolean hasLeases() {
      return !leases.isEmpty();
    }

    @Override
    public LeaseId lease() {
      return CommandGenerator.this.lease();
    }

    @Override
    public Bytes lock() {
      return CommandGenerator.this.lock();
    }

    @Override
    public Bytes value() {
      return CommandGenerator.this.value();
    }

    @Override
    public long ttl() {
      return CommandGenerator.this.ttl();
    }

    @Override
    public Server server() {
      return CommandGenerator.this.server();
    }
  }

  private LeaseId lease() {
    if (leases.isEmpty() || strange()) {
      return new LeaseId(random.nextInt((int) counter + 2), random.nextInt(3));
    }
    LeaseId lease = leases.recent();
    LockQueued place = locks.recentPlace();
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
}
