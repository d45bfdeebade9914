package io.lockstep.http.service;

import io.lockstep.kv.KvView;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.Contact;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.node.Loop;
import io.lockstep.raft.node.NodeClock;
import io.lockstep.raft.node.RaftHandle;
import io.lockstep.raft.transport.Transport;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link Coordinator} is made of.
 *
 * @param startNumber tells this life of the node from all its earlier ones
 * @param views gives the state that was published last; callable from any thread
 * @param transport only to send; what arrives is handed to the coordinator
 * @param service the loop for all that is not on the path of every request
 * @param nonces unpredictable numbers, callable from any thread
 * @param wallMillis a clock of the world, for stamps; it may step in either direction
 * @param quotaBytes the quota that a new cluster gets
 * @param contacts those members' that this node knows; they go into the next membership, and its
 *     own tells where clients reach it
 * @param publicKey of the key pair that this node is to sign with; null for one that signs nothing
 * @param idRules as they are, but for tests
 */
public record CoordinatorParts(
    NodeId self,
    long startNumber,
    RaftHandle<Applied> raft,
    Supplier<KvView> views,
    Transport transport,
    Loop service,
    NodeClock clock,
    LongSupplier nonces,
    LongSupplier wallMillis,
    long quotaBytes,
    Supplier<List<Contact>> contacts,
    Supplier<@Nullable Bytes> publicKey,
    IdRules idRules) {}
