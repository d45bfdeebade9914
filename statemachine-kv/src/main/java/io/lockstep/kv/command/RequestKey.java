package io.lockstep.kv.command;

import io.lockstep.raft.bytes.Bytes;

/**
 * What makes a request the same request as an earlier one.
 *
 * @param scope whose key it is (principal and namespace); at most 256 bytes of UTF-8
 * @param text the key as the client chose it: 1 to 128 bytes
 * @param fingerprint a digest of all that the request asks for; at most 64 bytes
 */
public record RequestKey(String scope, Bytes text, Bytes fingerprint) {}
