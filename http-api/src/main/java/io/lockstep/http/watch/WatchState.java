package io.lockstep.http.watch;

import io.lockstep.http.response.JsonText;
import io.lockstep.kv.KvView;
import io.lockstep.kv.store.KeyRecord;
import io.lockstep.kv.store.RangePage;
import io.lockstep.kv.watch.Selection;
import io.lockstep.raft.bytes.Bytes;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The state that a watch begins with, handed out in parts, all of one view. */
public final class WatchState {
  private static final int PART_KEYS = 256;
  private static final int PART_BYTES = 64 << 10;

  private final KvView view;
  private final Selection selection;
  private final BiConsumer<JsonText, KeyRecord> writer;
  private @Nullable Bytes after;

  /**
   * The state of {@code view} that {@code selection} is about; of one key or of a prefix.
   *
   * @param writer writes one key
   */
  public WatchState(KvView view, Selection selection, BiConsumer<JsonText, KeyRecord> writer) {
    this.view = view;
    this.selection = selection;
    this.writer = writer;
  }

  /** Writes the next part; whether it was the last. */
  boolean writeSome(JsonText out, WatchForm form) {
    return switch (selection) {
      case Selection.OneKey(Bytes key) -> {
        KeyRecord record = view.get(key);
        if (record != null) {
          WatchFrames.beginItems(out, form, view.revision());
          writer.accept(out, record);
          WatchFrames.endItems(out, form);
        }
        yield true;
      }
      case Selection.KeyPrefix(Bytes prefix) -> writePage(out, form, prefix);
      case Selection.KeysIn keys -> throw new IllegalStateException("no state of a range is told");
      case Selection.One one -> true;
      case Selection.Prefix all -> true;
    };
  }

  private boolean writePage(JsonText out, WatchForm form, Bytes prefix) {
    RangePage page = view.range(prefix, after, PART_KEYS, PART_BYTES, view.revision());
    if (!page.items().isEmpty()) {
      WatchFrames.beginItems(out, form, view.revision());
      for (KeyRecord record : page.items()) {
        writer.accept(out, record);
        after = record.key();
      }
      WatchFrames.endItems(out, form);
    }
    return !page.more();
  }
}
