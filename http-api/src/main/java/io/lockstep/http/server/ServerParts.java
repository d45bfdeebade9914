package io.lockstep.http.server;

import io.lockstep.http.RequestListener;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all loops of a server share.
 *
 * @param face what answers say about the node
 * @param listener is told of each answer
 * @param idPrefix starts the id of each request that brought none; differs between lives of nodes
 * @param ids counts those requests
 */
public record ServerParts(
    NodeFace face, RequestListener listener, String idPrefix, AtomicLong ids) {}
