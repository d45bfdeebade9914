package io.lockstep.kv.result;

import io.lockstep.kv.command.LeaseId;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a key beside its value.
 *
 * @param createRevision of its first put since it last did not exist
 * @param modRevision of its last put
 * @param version counts its puts since {@code createRevision}, from 1
 * @param lease with whose end the key ends; null for none
 */
public record KeyMeta(
    long createRevision, long modRevision, long version, @Nullable LeaseId lease) {}
