package io.lockstep.http.service;

import io.lockstep.kv.command.Command;

/**
 * The order in which requests give way under load: each lane is refused while fewer requests are
 * outstanding than the lane before it. The codes are part of the peer protocol: never renumber.
 */
enum Lane {
  /** Keeps or gives back what someone holds. */
  RENEW(0, 16, false),
  /** Makes a lease, takes a lock. */
  ACQUIRE(1, 15, true),
  /** Removes keys. */
  REMOVE(2, 14, false),
  /** Writes keys. */
  WRITE(3, 14, true),
  /** What the service does for itself. */
  SERVICE(4, 16, false),
  /** Takes ids of a sequence. */
  IDS(5, 14, true);

  private static final int WHOLE = 16;

  private final int code;
  private final int share;
  private final boolean grows;

  Lane(int code, int share, boolean grows) {
    this.code = code;
    this.share = share;
    this.grows = grows;
  }

  static Lane of(Command command) {
    return switch (command) {
      case Command.Put put -> WRITE;
      case Command.Delete delete -> REMOVE;
      case Command.DeletePrefix delete -> REMOVE;
      case Command.Add add -> WRITE;
      case Command.Txn txn -> txn.transaction().onlyRemoves() ? REMOVE : WRITE;
      case Command.LeaseGrant grant -> ACQUIRE;
      case Command.NamedLeaseGrant grant -> ACQUIRE;
      case Command.LockAcquire acquire -> ACQUIRE;
      case Command.Renew renew -> RENEW;
      case Command.LeaseRevoke revoke -> RENEW;
      case Command.LockRelease release -> RENEW;
      case Command.LockLeave leave -> RENEW;
      case Command.LockForce force -> RENEW;
      case Command.TakeIds take -> IDS;
      case Command.ReserveIds reserve -> SERVICE;
      case Command.AdvanceFence advance -> WRITE;
      case Command.LeaseWorkerId lease -> ACQUIRE;
      case Command.ArriveLatch arrive -> ACQUIRE;
      case Command.RemoveLatch remove -> REMOVE;
      case Command.ClaimOnce claim -> ACQUIRE;
      case Command.FinishOnce finish -> RENEW;
      case Command.Proclaim proclaim -> WRITE;
      case Command.Transfer transfer -> RENEW;
      case Command.ServerAlive alive -> SERVICE;
      case Command.AnnounceAddress announce -> SERVICE;
      case Command.PublishKey publish -> SERVICE;
      case Command.Compact compact -> SERVICE;
      case Command.SetLimits limits -> SERVICE;
    };
  }

  /** The lane of this code; throws {@link IllegalArgumentException} for an unknown one. */
  static Lane ofCode(int code) {
    for (Lane lane : values()) {
      if (lane.code == code) {
        return lane;
      }
    }
    throw new IllegalArgumentException("unknown lane " + code);
  }

  int code() {
    return code;
  }

  /** How many may be outstanding for one more of this lane to be let in. */
  int bound(int outstandingMax) {
    return (int) ((long) outstandingMax * share / WHOLE);
  }

  /** Whether the state may grow by it, so that it is refused when room runs out. */
  boolean grows() {
    return grows;
  }
}
