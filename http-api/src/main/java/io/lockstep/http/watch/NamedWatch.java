package io.lockstep.http.watch;

import io.lockstep.kv.watch.Selection;
import org.jspecify.annotations.Nullable;

/**
 * One of several watches on one stream.
 *
 * @param name by which its frames are known
 * @param after the revision after which it begins
 * @param state what it tells first; null for nothing
 */
public record NamedWatch(
    String name, Selection selection, long after, @Nullable WatchState state) {}
