package io.lockstep.http.grant;

import io.lockstep.kv.member.KeyTable;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The key pairs that a node has: each is kept where it survives the node before it is put in here.
 * The newest one is to be published; what is signed with is what the log says, if it is here.
 * Readable by any thread, changed by one at a time.
 */
public final class KeyRing {
  private volatile List<SigningKey> keys;

  /**
   * A ring with these keys.
   *
   * @param keys the newest first; none for a node that signs nothing
   */
  public KeyRing(List<SigningKey> keys) {
    this.keys = List.copyOf(keys);
  }

  /** Replaces all keys by these. */
  public void replace(List<SigningKey> newest) {
    keys = List.copyOf(newest);
  }

  /** The keys, the newest first. */
  public List<SigningKey> keys() {
    return keys;
  }

  /** The public key that is to be in use; null for a node that signs nothing. */
  public @Nullable Bytes toPublish() {
    List<SigningKey> known = keys;
    return known.isEmpty() ? null : known.getFirst().publicKey();
  }

  /**
   * The key that this node signs with: the one that the log says, and never one that it does not
   * have yet. Null while there is none.
   */
  public @Nullable SigningKey inUse(KeyTable published, NodeId self) {
    PublishedKey named = published.inUse(self);
    if (named == null) {
      return null;
    }
    for (SigningKey key : keys) {
      if (key.publicKey().equals(named.bytes())) {
        return key;
      }
    }
    return null;
  }
}
