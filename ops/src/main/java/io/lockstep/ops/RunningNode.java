package io.lockstep.ops;

import io.lockstep.http.HttpService;
import io.lockstep.kv.result.Applied;
import io.lockstep.raft.journal.file.DataDirectory;
import io.lockstep.raft.node.RaftNode;
import io.lockstep.raft.peer.PeerTransport;
import io.vertx.core.Vertx;

/** What a running node consists of, as far as its life cycle needs it. */
record RunningNode(
    Vertx vertx,
    DataDirectory directory,
    PeerTransport transport,
    NodeLoops loops,
    RaftNode<Applied> raft,
    HttpService http) {}
