package io.lockstep.raft.sim.check;

import io.lockstep.raft.sim.check.VersionedModel.Call;
import io.lockstep.raft.sim.check.VersionedModel.Cell;
import io.lockstep.raft.sim.check.VersionedModel.Response;
import org.jspecify.annotations.Nullable;

/**
 * One key of the key space: put, get and delete, each write with a condition on what is there.
 * Revisions come from the whole store, so of a write whose answer was lost only a lower bound of
 * its revision is known, until a read tells it.
 */
public final class VersionedModel implements Model<Cell, Call, Response> {
  /** What can be asked of a key. */
  public sealed interface Call {
    String key();

    record Get(String key) implements Call {}

    record Put(String key, String value, Condition condition) implements Call {}

    record Delete(String key, Condition condition) implements Call {}
  }

  /** What a write demands of the key. */
  public sealed interface Condition {
    record Always() implements Condition {}

    record Absent() implements Condition {}

    record Present() implements Condition {}

    record RevisionIs(long revision) implements Condition {}
  }

  /** What a key answers. */
  public sealed interface Response {
    /** A put took place at {@code revision}. */
    record Written(long revision) implements Response {}

    /** The key was there, and is not since {@code revision}. */
    record Deleted(long revision) implements Response {}

    record Found(String value, long revision, long version) implements Response {}

    /** The key is not there. */
    record Missing() implements Response {}

    /**
     * The condition did not hold.
     *
     * @param current the revision of what is there, 0 when nothing is, -1 when the answer does not
     *     say
     */
    record Refused(long current) implements Response {}
  }

  /**
   * What the key holds.
   *
   * @param value null when the key is not there
   * @param revision of the last write; 0 when not known
   * @param floor the last write's revision is not less
   * @param version puts since the key was last absent
   */
  public record Cell(@Nullable String value, long revision, long floor, long version) {
    boolean couldHave(long other) {
      return revision == 0 ? other > floor : other == revision;
    }

    Cell at(long known) {
      return new Cell(value, known, known, version);
    }

    long after() {
      return Math.max(revision, floor);
    }
  }

  private enum Holds {
    YES,
    NO,
    MAYBE
  }

  @Override
  public Cell initial() {
    return new Cell(null, 0, 0, 0);
  }

  @Override
  public @Nullable Cell step(Cell cell, Call call, @Nullable Response response) {
    return switch (call) {
      case Call.Get get -> get(cell, response);
      case Call.Put put -> write(cell, put.value(), put.condition(), response);
      case Call.Delete delete -> write(cell, null, delete.condition(), response);
    };
  }

  @Override
  public boolean onlyLooks(Call call, Response response) {
    return switch (response) {
      case Response.Written written -> false;
      case Response.Deleted deleted -> false;
      case Response.Found found -> true;
      case Response.Missing missing -> true;
      case Response.Refused refused -> true;
    };
  }

  private static @Nullable Cell get(Cell cell, @Nullable Response response) {
    if (response instanceof Response.Found found) {
      boolean fits =
          found.value().equals(cell.value)
              && found.version() == cell.version
              && cell.couldHave(found.revision());
      return fits ? cell.at(found.revision()) : null;
    }
    return response instanceof Response.Missing && cell.value == null ? cell : null;
  }

  /** A put of {@code value}, or a delete when it is null. */
  private static @Nullable Cell write(
      Cell cell, @Nullable String value, Condition condition, @Nullable Response response) {
    Holds holds = holds(cell, condition);
    return switch (response) {
      case null ->
          holds == Holds.NO || value == null && cell.value == null
              ? null
              : new Cell(value, 0, cell.after(), version(cell, value));
      case Response.Written written ->
          value == null || holds == Holds.NO || written.revision() <= cell.after()
              ? null
              : written(cell, value, written.revision(), condition);
      case Response.Deleted deleted ->
          value != null
                  || holds == Holds.NO
                  || cell.value == null
                  || deleted.revision() <= cell.after()
              ? null
              : written(cell, null, deleted.revision(), condition);
      case Response.Missing missing ->
          value == null && cell.value == null && !(condition instanceof Condition.Absent)
              ? cell
              : null;
      case Response.Refused refused ->
          holds == Holds.YES ? null : refused(cell, condition, refused);
      case Response.Found found -> null;
    };
  }

  private static @Nullable Cell written(
      Cell cell, @Nullable String value, long revision, Condition condition) {
    boolean laterThanExpected =
        !(condition instanceof Condition.RevisionIs is) || revision > is.revision();
    return laterThanExpected ? new Cell(value, revision, revision, version(cell, value)) : null;
  }

  private static @Nullable Cell refused(Cell cell, Condition condition, Response.Refused refused) {
    if (refused.current() < 0) {
      return cell;
    }
    if (refused.current() == 0 || cell.value == null) {
      return refused.current() == 0 && cell.value == null ? cell : null;
    }
    boolean asExpected =
        condition instanceof Condition.RevisionIs is && is.revision() == refused.current();
    return !asExpected && cell.couldHave(refused.current()) ? cell.at(refused.current()) : null;
  }

  private static long version(Cell cell, @Nullable String value) {
    return value == null ? 0 : cell.version + 1;
  }

  private static Holds holds(Cell cell, Condition condition) {
    return switch (condition) {
      case Condition.Always always -> Holds.YES;
      case Condition.Absent absent -> cell.value == null ? Holds.YES : Holds.NO;
      case Condition.Present present -> cell.value != null ? Holds.YES : Holds.NO;
      case Condition.RevisionIs is -> {
        if (cell.value == null || !cell.couldHave(is.revision())) {
          yield Holds.NO;
        }
        yield cell.revision == 0 ? Holds.MAYBE : Holds.YES;
      }
    };
  }
}
