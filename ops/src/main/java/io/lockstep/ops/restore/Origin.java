package io.lockstep.ops.restore;

import io.lockstep.kv.apply.State;

/**
 * What a new cluster begins from.
 *
 * @param term the greatest that is known of the cluster before
 * @param sureRevision the last that is known to have been committed there
 */
public record Origin(State state, long term, long sureRevision) {}
