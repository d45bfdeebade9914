package io.lockstep.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.http.fixture.Http;
import io.lockstep.http.fixture.Http.Response;
import io.lockstep.http.fixture.TestNode;
import io.lockstep.http.fixture.Trio;
import io.lockstep.http.fixture.Waiting;
import io.lockstep.kv.apply.State;
import io.lockstep.kv.snapshot.KvSnapshot;
import io.lockstep.raft.bytes.Bytes;
import io.lockstep.raft.journal.file.Disk;
import io.lockstep.raft.journal.file.LocalSnapshotDirectory;
import io.lockstep.raft.journal.file.SnapshotFiles;
import io.lockstep.raft.statemachine.UnreadableSnapshotException;
import io.lockstep.raft.storage.SnapshotSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code GET /v1/backup}, and the same bytes in etcd's framing. */
class BackupTest {
  private static final HttpOptions OPTIONS = HttpOptions.listen("127.0.0.1", 0);

  @TempDir private Path directory;

  private State read(byte[] bytes) throws IOException {
    Files.write(directory.resolve("backup"), bytes);
    LocalSnapshotDirectory place = new LocalSnapshotDirectory(directory, Disk.LOCAL);
    try (SnapshotSource source = SnapshotFiles.read(place, "backup")) {
      State state = KvSnapshot.read(source);
      assertEquals(null, source.next());
      assertEquals(source.meta().last().index(), state.appliedIndex());
      return state;
    }
  }

  @Test
  void anyNodeGivesAllThatWasAcknowledgedBefore() throws Exception {
    try (Trio trio = new Trio()) {
      for (int i = 0; i < 5; i++) {
        Response put = trio.leader.client().put("/v1/kv/k" + i, "v" + i);
        assertEquals(201, put.status(), put.text());
        Response backup = trio.follower.client().get("/v1/backup");
        assertEquals(200, backup.status());
        State state = read(backup.body());
        assertEquals("v" + i, state.keys().get(Bytes.utf8("k" + i)).value().utf8());
        assertTrue(state.revision() >= put.json().get("revision").asLong());
        assertEquals(Long.toString(state.revision()), backup.header("Lockstep-Revision"));
        assertEquals(
            "attachment; filename=\"lockstep-c-test-" + state.revision() + ".backup\"",
            backup.header("Content-Disposition"));
      }
    }
  }

  @Test
  void whatIsCutShortOrAlteredIsRefused() throws Exception {
    try (TestNode node = TestNode.lone(OPTIONS)) {
      node.client().put("/v1/kv/a", "x".repeat(5_000));
      byte[] backup = node.client().get("/v1/backup").body();
      for (int length = 0; length < backup.length; length += 1 + backup.length / 100) {
        byte[] cut = Arrays.copyOf(backup, length);
        assertThrows(UnreadableSnapshotException.class, () -> read(cut), "length " + length);
        byte[] altered = backup.clone();
        altered[length] ^= 4;
        assertThrows(UnreadableSnapshotException.class, () -> read(altered), "byte " + length);
      }
      assertEquals(1, read(backup).keys().size());
    }
  }

  @Test
  void atMostTwoAreSentAtOnce() throws Exception {
    try (TestNode node = TestNode.lone(OPTIONS)) {
      Http http = node.client();
      for (int i = 0; i < 40; i++) {
        assertEquals(201, http.put("/v1/kv/large/" + i, "x".repeat(500_000)).status());
      }
      try (Http.Connection first = http.connect();
          Http.Connection second = http.connect()) {
        for (Http.Connection slow : List.of(first, second)) {
          slow.send("GET", "/v1/backup", new byte[0]);
          assertEquals(200, slow.head().status());
        }
        Response third = http.get("/v1/backup");
        assertEquals(503, third.status());
        assertEquals("overloaded", third.json().get("code").asText());
        assertEquals("not_applied", third.json().get("outcome").asText());
        byte[] whole = rest(second);
        assertEquals(40, read(whole).keys().size());
      }
      Waiting.until("one that was given up is over", () -> http.get("/v1/backup").status() == 200);
    }
  }

  private static byte[] rest(Http.Connection connection) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] chunk = connection.chunk(); chunk.length > 0; chunk = connection.chunk()) {
      all.write(chunk);
    }
    return all.toByteArray();
  }

  @Test
  void etcdsFramingCarriesTheSameBytes() throws Exception {
    try (TestNode node = TestNode.lone(OPTIONS)) {
      Http http = node.client();
      for (int i = 0; i < 5; i++) {
        http.put("/v1/kv/large/" + i, "x".repeat(200_000));
      }
      List<JsonNode> frames = new ArrayList<>();
      try (Http.Connection connection = http.connect()) {
        connection.send("POST", "/v3/maintenance/snapshot", "{}".getBytes(UTF_8));
        assertEquals(200, connection.head().status());
        for (byte[] chunk = connection.chunk(); chunk.length > 0; chunk = connection.chunk()) {
          frames.add(new ObjectMapper().readTree(chunk).get("result"));
        }
      }
      assertFalse(frames.size() < 4, "one object a chunk");
      ByteArrayOutputStream blobs = new ByteArrayOutputStream();
      for (JsonNode frame : frames) {
        blobs.write(Base64.getDecoder().decode(frame.get("blob").asText()));
      }
      long left = blobs.size();
      for (JsonNode frame : frames) {
        left -= Base64.getDecoder().decode(frame.get("blob").asText()).length;
        assertEquals(left, frame.path("remaining_bytes").asLong());
        assertEquals(left > 0, frame.has("remaining_bytes"), "what is zero is left out");
      }
      State state = read(blobs.toByteArray());
      assertEquals(
          Long.toString(state.revision()), frames.getFirst().at("/header/revision").asText());
    }
  }
}
