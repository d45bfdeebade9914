package io.lockstep.kv.snapshot;

import io.lockstep.kv.apply.State;
import io.lockstep.raft.statemachine.ItemReader;
import io.lockstep.raft.statemachine.ItemWriter;
import java.io.IOException;
import java.util.List;

/**
 * One part of the state in a snapshot. A new part gets the next id and comes last; a part that is
 * written otherwise than before gets the next format, and reads the earlier ones too.
 */
interface Section {
  /** All parts, in the order of their ids. */
  List<Section> ALL =
      List.of(
          new LimitsSection(),
          new LeasesSection(),
          new LocksSection(),
          new RequestsSection(),
          new KeysSection(),
          new HistorySection(),
          new IdsSection(),
          new WorkersSection(),
          new GatesSection(),
          new MembersSection(),
          new PublicKeysSection());

  int id();

  /** What it is, in words for an operator. */
  String title();

  /**
   * The format that {@link #write} writes; {@link #read} knows it and all before. A number with an
   * odd count of one bits (1, 2, 4, 7, 8, ...): so a flipped bit never makes an earlier one of it.
   */
  int format();

  /** Writes the part of {@code state}, in an order that depends on its content alone. */
  void write(State state, ItemWriter out) throws IOException;

  /** Reads what {@link #write} wrote, now or in an earlier format. May throw {@code Malformed}. */
  void read(ItemReader in, int format, RestoredState state) throws IOException;
}
