package io.lockstep.kv.lease;

import io.lockstep.kv.command.LeaseId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of leases, in the order of their making.
 *
 * @param items without what is on them
 * @param next after which the next page begins; null when there is none
 */
public record LeaseListing(List<LeaseView> items, @Nullable LeaseId next) {
  public LeaseListing {
    items = List.copyOf(items);
  }
}
