package io.lockstep.kv.command;

import org.jspecify.annotations.Nullable;

/**
 * A command and on whose behalf: what an entry's payload holds.
 *
 * @param principal who asks; at most 256 bytes of UTF-8
 * @param key null for a request that is not to be recognized when it comes again
 */
public record Request(String principal, @Nullable RequestKey key, Command command) {}
