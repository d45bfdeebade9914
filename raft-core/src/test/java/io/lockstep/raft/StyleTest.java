package io.lockstep.raft;

import io.lockstep.style.SourceStyle;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** This module's sources keep the rules of style. */
class StyleTest {
  @Test
  void sourcesKeepTheRules() {
    SourceStyle.check(Path.of(""));
  }
}
