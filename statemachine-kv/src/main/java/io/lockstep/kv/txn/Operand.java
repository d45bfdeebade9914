package io.lockstep.kv.txn;

import io.lockstep.kv.command.LeaseId;
import io.lockstep.raft.bytes.Bytes;
import org.jspecify.annotations.Nullable;

/** What of a key is compared, and with what. A key that does not exist counts as stated. */
public sealed interface Operand {
  /** The revision of its last put; 0 for an absent key. */
  record ModRevision(long revision) implements Operand {}

  /** The revision of its first put; 0 for an absent key. */
  record CreateRevision(long revision) implements Operand {}

  /** The number of its puts; 0 for an absent key. */
  record Version(long version) implements Operand {}

  /** Its value. With an absent key every comparison is false, also that for being different. */
  record Value(Bytes value) implements Operand {}

  /** Its lease; null for none. An absent key has none; having none comes before every lease. */
  record OfLease(@Nullable LeaseId lease) implements Operand {}
}
