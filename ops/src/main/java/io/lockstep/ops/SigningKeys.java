package io.lockstep.ops;

import io.lockstep.http.grant.KeyRing;
import io.lockstep.http.grant.SigningKey;
import io.lockstep.kv.KvView;
import io.lockstep.kv.member.PublishedKey;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.ByteReader;
import io.lockstep.raft.bytes.ByteReader.Malformed;
import io.lockstep.raft.bytes.ByteWriter;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.SecretFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key pairs with which this node signs grants. A pair is forced to disk before anybody hears of
 * its public half, so that what the cluster takes for this node's key is one that it has. Used by
 * one thread at a time, which it blocks.
 */
final class SigningKeys {
  /** How long a key is in use, in cluster time, before another one is made. */
  static final long IN_USE_MILLIS = TimeUnit.DAYS.toMillis(30);

  private static final Logger LOG = LoggerFactory.getLogger(SigningKeys.class);

  /** The newest, and the one before it, which is in use until the log has the newest. */
  private static final int KEPT = 2;

  private final SecretFile file;
  private final KeyRing ring;

  private SigningKeys(SecretFile file, List<SigningKey> keys) {
    this.file = file;
    this.ring = new KeyRing(keys);
  }

  /**
   * Those that the file holds. If it holds none, or cannot be read, a new pair is made: what was
   * signed before stays good, for verifying needs the public half alone.
   */
  static SigningKeys open(SecretFile file, NodeId self) throws IOException {
    List<SigningKey> found = List.of();
    try {
      Bytes contents = file.load();
      found = contents == null ? found : decode(contents);
    } catch (IOException | Malformed unreadable) {
      LOG.warn("{} cannot read the keys that it signed with: {}", self, unreadable.getMessage());
    }
    SigningKeys keys = new SigningKeys(file, found);
    if (found.isEmpty()) {
      LOG.info("{} has no key to sign grants with and makes one", self);
      keys.renew();
    }
    return keys;
  }

  /** What is signed with. */
  KeyRing ring() {
    return ring;
  }

  /** Whether the key in use is so old that another one is to be made. */
  boolean due(KvView view, NodeId self) {
    PublishedKey inUse = view.members().keys().inUse(self);
    return inUse != null
        && inUse.bytes().equals(ring.keys().getFirst().publicKey())
        && view.clusterTimeMillis() - inUse.sinceMillis() > IN_USE_MILLIS;
  }

  /** Makes another pair, and returns when it survives a power cut. */
  void renew() throws IOException {
    List<SigningKey> next = new ArrayList<>();
    next.add(SigningKey.generate());
    ring.keys().stream().limit(KEPT - 1L).forEach(next::add);
    file.save(encode(next));
    ring.replace(next);
    LOG.info("signs grants with {} once that is published", next.getFirst());
  }

  private static Bytes encode(List<SigningKey> keys) {
    ByteWriter out = new ByteWriter(256).u8(keys.size());
    for (SigningKey key : keys) {
      out.bytes(key.privateKey()).bytes(key.publicKey());
    }
    return out.toBytes();
  }

  private static List<SigningKey> decode(Bytes contents) {
    ByteReader in = new ByteReader(contents);
    int count = in.u8();
    List<SigningKey> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SigningKey key = SigningKey.of(in.bytes(), in.bytes());
      if (key == null) {
        throw new Malformed("no pair of keys");
      }
      keys.add(key);
    }
    in.end();
    return keys;
  }
}
