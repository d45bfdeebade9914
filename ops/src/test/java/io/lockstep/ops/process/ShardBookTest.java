package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A book that finds nothing wrong would prove nothing. */
class ShardBookTest {
  private static final List<String> BOTH = List.of("a", "b");
  private final ShardBook book = new ShardBook();

  private static SortedMap<Integer, String> of(int shard, String owner) {
    return new TreeMap<>(java.util.Map.of(shard, owner));
  }

  @Test
  void shardsMoveFromRevisionToRevision() {
    book.told("n1", 5, of(7, "a"), BOTH);
    book.told("n1", 6, of(7, "b"), BOTH);
    book.told("n2", 5, of(7, "a"), BOTH);
    book.told("n2", 6, of(7, "b"), BOTH);
    assertEquals(List.of(), book.violations());
  }

  @Test
  void twoOwnersAtOneRevisionAreFound() {
    book.told("n1", 5, of(7, "a"), BOTH);
    book.told("n2", 5, of(7, "b"), BOTH);
    assertEquals(List.of("at 5 shard 7 is a's and, as n2 says, b's"), book.violations());
  }

  @Test
  void aShardThatIsTakenFromAllIsFound() {
    book.told("n1", 5, of(7, "a"), BOTH);
    book.told("n1", 6, of(8, "a"), BOTH);
    assertEquals(List.of("at 6 shard 7 is nobody's at n1"), book.violations());
  }

  @Test
  void shardsOfWorkersThatAreGoneAreCounted() {
    book.told("n1", 5, of(7, "a"), BOTH);
    book.told("n1", 6, of(7, "a"), List.of("b"));
    book.told("n1", 7, of(7, "b"), List.of("b"));
    assertEquals("{5=0, 6=1, 7=0}", book.orphans().toString());
  }
}
