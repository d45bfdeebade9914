package io.lockstep.raft.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The tables of {@code docs/simulator.md}, and whether they say what the code says. */
public final class BugTable {
  private static final int COLUMNS = 4;

  private BugTable() {}

  /** The row of a bug that was hunted; without a time when it was not. */
  public static String row(PlantedBug bug, long seed, @Nullable Double seconds) {
    String time = seconds == null ? "" : String.format(Locale.ROOT, "%.1f s", seconds);
    return "| %s | %s | %d | %s |".formatted(bug.name(), breaks(bug), seed, time);
  }

  private static String breaks(PlantedBug bug) {
    return String.join("; ", bug.breaks());
  }

  /**
   * What a page says otherwise than the code: rows of bugs that are missing, or have another seed
   * or other properties. Times are not compared.
   */
  public static List<String> differences(Path page, List<? extends PlantedBug> bugs) {
    Map<String, List<String>> rows = rows(page, "## Planted bugs");
    List<String> differences = new ArrayList<>();
    for (PlantedBug bug : bugs) {
      List<String> row = rows.get(bug.name());
      String wanted = row(bug, bug.seed(), null);
      boolean same =
          row != null
              && row.size() == COLUMNS
              && row.get(1).equals(breaks(bug))
              && row.get(2).equals(Long.toString(bug.seed()));
      if (!same) {
        differences.add("should be " + wanted + ", is " + row);
      }
    }
    return differences;
  }

  /** The names in the first column of the tables under a heading, in order of the alphabet. */
  public static List<String> names(Path page, String heading) {
    return List.copyOf(rows(page, heading).keySet());
  }

  private static Map<String, List<String>> rows(Path page, String heading) {
    Map<String, List<String>> rows = new TreeMap<>();
    boolean within = false;
    try {
      for (String line : Files.readAllLines(page)) {
        within = line.startsWith("## ") ? line.equals(heading) : within;
        List<String> cells = cells(line);
        if (within && !cells.isEmpty() && cells.getFirst().matches("[A-Z_]+")) {
          rows.put(cells.getFirst(), cells);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static List<String> cells(String line) {
    if (!line.startsWith("|")) {
      return List.of();
    }
    List<String> cells = new ArrayList<>();
    int from = 1;
    for (int to = line.indexOf('|', from); to >= 0; to = line.indexOf('|', from)) {
      cells.add(line.substring(from, to).strip());
      from = to + 1;
    }
    return cells;
  }
}
