package io.lockstep.kv.random;

import io.lockstep.kv.command.Bid;
import io.lockstep.kv.command.Claim;
import io.lockstep.kv.command.Claim.ByLease;
import io.lockstep.kv.command.Claim.ByToken;
import io.lockstep.kv.command.Command;
import io.lockstep.kv.command.Command.LockAcquire;
import io.lockstep.kv.command.Command.LockForce;
import io.lockstep.kv.command.Command.LockLeave;
import io.lockstep.kv.command.Command.LockRelease;
import io.lockstep.kv.command.Command.Proclaim;
import io.lockstep.kv.command.Command.Transfer;
import io.lockstep.kv.command.Holder;
import io.lockstep.kv.command.Holder.ExistingLease;
import io.lockstep.kv.command.Holder.OwnLease;
import io.lockstep.kv.command.LeaseId;
import io.lockstep.kv.command.LockKind;
import io.lockstep.kv.command.LockMode;
import io.lockstep.kv.command.LockName;
import io.lockstep.kv.command.Server;
import io.lockstep.kv.command.TicketId;
import io.lockstep.kv.result.Applied;
import io.lockstep.kv.result.Result.LockGranted;
import io.lockstep.kv.result.Result.LockQueued;
import io.lockstep.kv.result.Result.LockReleased;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Random requests about locks, several locks together, elections and semaphores. */
final class LockGenerator {
  /** What they share with all other requests. */
  interface Names {
    boolean strange();

    boolean hasLeases();

    LeaseId lease();

    Bytes lock();

    Bytes value();

    long ttl();

    Server server();
  }

  private final SplittableRandom random;
  private final Profile profile;
  private final Names names;
  private final SemaphoreGenerator semaphores;
  private final Remembered<LockGranted> grants;
  private final Remembered<LockQueued> places;

  /** Under which tokens locks were handed on, if somebody waited. */
  private final Remembered<LockReleased> handedOn;

  LockGenerator(SplittableRandom random, Profile profile, Names names) {
    this.random = random;
    this.profile = profile;
    this.names = names;
    semaphores = new SemaphoreGenerator(random);
    grants = new Remembered<>(random);
    places = new Remembered<>(random);
    handedOn = new Remembered<>(random);
  }

  void learn(Applied applied) {
    switch (applied.result()) {
      case LockGranted granted -> {
        semaphores.learn(granted);
        grants.add(granted);
      }
      case LockQueued queued -> places.add(queued);
      case LockReleased released -> {
        if (released.name().kind() == LockKind.LOCK) {
          handedOn.add(new LockReleased(released.name(), applied.revision()));
        }
      }
      default -> {}
    }
  }

  /** A grant of late; null when there was none. */
  @Nullable LockGranted recentGrant() {
    return grants.isEmpty() ? null : grants.recent();
  }

  /** A place of late; null when there was none. */
  @Nullable LockQueued recentPlace() {
    return places.isEmpty() ? null : places.recent();
  }

  LockAcquire acquire() {
    LockAcquire acquire = withoutDelay();
    boolean delayed = acquire.name().kind() != LockKind.SEMAPHORE && random.nextInt(5) == 0;
    return delayed ? acquire.delayed(random.nextInt(1, 4_000)) : acquire;
  }

  private LockAcquire withoutDelay() {
    if (random.nextInt(4) == 0) {
      return acquireTogether();
    }
    LockQueued asked = places.isEmpty() || random.nextInt(4) > 0 ? null : places.recent();
    if (asked != null && asked.lease() != null && asked.name().kind() == LockKind.LOCK) {
      return again(asked, asked.lease());
    }
    boolean existing = names.hasLeases() && random.nextInt(3) > 0;
    Holder holder = existing ? new ExistingLease(names.lease()) : new OwnLease(names.ttl());
    long wait = random.nextInt(5) == 0 ? 0 : random.nextInt(1, 6_000);
    if (random.nextInt(6) == 0) {
      return semaphores.acquire(holder, wait, names.server());
    }
    boolean stands = random.nextInt(3) == 0;
    String owner = "owner-" + random.nextInt(stands ? 3 : 5);
    boolean shared = !stands && random.nextInt(5) < 3;
    return new LockAcquire(
        stands
            ? LockName.election(Bytes.utf8("lock-1"))
            : LockName.lock(shared ? Bytes.utf8("lock-0") : names.lock()),
        shared ? LockMode.SHARED : LockMode.EXCLUSIVE,
        holder,
        owner,
        stands ? new Bid(random.nextInt(-1, 2), names.value()) : Bid.NONE,
        wait,
        queueTtl(),
        names.server(),
        random.nextInt(4) == 0,
        random.nextLong());
  }

  /** Several locks together: now and then those that are asked for anyway by one lease. */
  private LockAcquire acquireTogether() {
    TreeSet<LockName> together = new TreeSet<>();
    if (names.strange()) {
      together.add(LockName.lock(names.lock()));
    }
    int count = random.nextInt(2, 4);
    for (int i = 0; i < 8 && together.size() < count; i++) {
      together.add(LockName.lock(Bytes.utf8("lock-" + random.nextInt(profile.locks()))));
    }
    boolean existing = names.hasLeases() && random.nextInt(3) > 0;
    return new LockAcquire(
        together.first(),
        LockMode.EXCLUSIVE,
        existing ? new ExistingLease(names.lease()) : new OwnLease(names.ttl()),
        "several",
        Bid.NONE,
        random.nextInt(3) == 0 ? 0 : random.nextInt(1, 6_000),
        queueTtl(),
        names.server(),
        random.nextInt(4) == 0,
        random.nextLong(),
        List.copyOf(together.tailSet(together.first(), false)));
  }

  /** Asks what has become of a place. */
  private LockAcquire again(LockQueued place, LeaseId lease) {
    boolean together = !place.also().isEmpty() && random.nextInt(4) > 0;
    boolean shared = !together && random.nextInt(4) > 0;
    return new LockAcquire(
        place.name(),
        shared ? LockMode.SHARED : LockMode.EXCLUSIVE,
        new ExistingLease(lease),
        "again",
        Bid.NONE,
        random.nextInt(1, 6_000),
        queueTtl(),
        names.server(),
        false,
        random.nextLong(),
        together ? place.also() : List.of());
  }

  LockForce force() {
    String reason = "reason-" + random.nextInt(3);
    if (grants.isEmpty() || names.strange()) {
      return new LockForce(LockName.lock(names.lock()), random.nextInt(100), reason);
    }
    LockGranted grant = grants.recent();
    return new LockForce(grant.name(), random.nextInt(3) == 0 ? grant.token() : 0, reason);
  }

  private long queueTtl() {
    return random.nextInt(3) > 0 ? 0 : random.nextInt(1, 8_000);
  }

  LockRelease release() {
    if (grants.isEmpty() || names.strange()) {
      return new LockRelease(names.lock(), new ByToken(random.nextInt(100)));
    }
    if (!handedOn.isEmpty() && random.nextInt(3) > 0) {
      // Perhaps that of a grant that came while its request waited, or of several.
      LockReleased released = handedOn.recent();
      return new LockRelease(released.name(), new ByToken(released.token()));
    }
    LockGranted grant = semaphores.isFull() ? semaphores.recent() : grants.recent();
    return new LockRelease(grant.name(), claim(grant));
  }

  private Claim claim(LockGranted grant) {
    return random.nextBoolean() ? new ByToken(grant.token()) : new ByLease(grant.lease());
  }

  /** What a winner does. */
  Command office() {
    List<LockGranted> won =
        grants.all().stream().filter(grant -> grant.name().kind() == LockKind.ELECTION).toList();
    LockGranted grant = won.isEmpty() ? null : won.getLast();
    LockName name = grant == null ? LockName.election(names.lock()) : grant.name();
    Claim claim =
        grant == null || names.strange() ? new ByToken(random.nextInt(100)) : claim(grant);
    return random.nextInt(3) == 0
        ? new Proclaim(name, claim, names.value())
        : new Transfer(name, claim, "owner-" + random.nextInt(3));
  }

  LockLeave leave() {
    if (places.isEmpty() || names.strange()) {
      return new LockLeave(names.lock(), new TicketId(random.nextInt(2_000), random.nextLong()));
    }
    LockQueued place = places.recent();
    return new LockLeave(place.name(), place.ticket(), random.nextBoolean());
  }
}
