package io.lockstep.http.describe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of operations is what the description says; {@code -Ddocs.write} writes it anew. */
class ReferencePageTest {
  private static final Path PAGE = Path.of("../docs/reference/operations-of-the-api.md");

  @Test
  void thePageIsOfThisDescription() throws Exception {
    String page = new ReferencePage(new Description()).text();
    if (Boolean.getBoolean("docs.write")) {
      Files.writeString(PAGE, page);
    }
    assertEquals(page, Files.readString(PAGE), "write it anew with -Ddocs.write=true");
  }
}
