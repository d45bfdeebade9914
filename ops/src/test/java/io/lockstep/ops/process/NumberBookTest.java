package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.ops.process.NumberBook.Draw;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A book that finds nothing wrong would prove nothing. */
class NumberBookTest {
  private final NumberBook book = new NumberBook();

  @Test
  void numbersThatRiseAreFine() {
    book.drawn(new Draw(10, 20, 1, 5));
    book.drawn(new Draw(21, 30, 6, 10));
    book.owns(1, "ann");
    book.owns(2, "bob");
    assertEquals(List.of(), book.violations());
    assertEquals(10, book.highest());
  }

  @Test
  void callsThatOverlapMayBeAnsweredEitherWay() {
    book.drawn(new Draw(10, 30, 6, 10));
    book.drawn(new Draw(20, 40, 1, 5));
    assertEquals(List.of(), book.violations());
  }

  @Test
  void aNumberBelowOneThatWasGivenBeforeIsFound() {
    book.drawn(new Draw(10, 20, 6, 10));
    book.drawn(new Draw(21, 30, 1, 5));
    assertEquals(1, book.violations().size());
  }

  @Test
  void aNumberOfTwoIsFound() {
    book.owns(7, "ann");
    book.owns(7, "bob");
    assertEquals(List.of("7 is ann's and bob's"), book.violations());
  }
}
