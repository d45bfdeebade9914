package io.lockstep.ops.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Story 8: what somebody does on the laptop comes before what they do on the phone afterwards,
 * though the two know nothing of each other. {@code -Dstories.rounds=10000} for the full length.
 */
@ExtendWith(SharedCluster.class)
@SharedCluster.Nodes(3)
class Story08LaptopPhoneIT {
  private static final int ROUNDS = Integer.getInteger("stories.rounds", 12);
  private static final long DELAY_MILLIS = 150;
  private static final long SKEW_MILLIS = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String PHOTO = "\"key\":\"album/photo\"";
  private static final String PUBLIC = "\"value\":\"public\"";
  private static final List<String> LEVELS =
      List.of("", "&consistency=stale", "&max_staleness=10s", "&min_revision=1");

  @Test
  void nobodySeesThePhotoOfAnAccountThatIsPublic(FaultyCluster cluster) throws Exception {
    LocalNode laptop = cluster.nodes.getFirst();
    LocalNode phone = cluster.nodes.get(1);
    cluster.delayInto(cluster.nodes.getLast(), DELAY_MILLIS / 3);
    Kv.at(laptop).write("album/account", "public");
    CountDownLatch done = new CountDownLatch(1);
    List<CompletableFuture<Integer>> viewers = new ArrayList<>();
    for (int i = 0; i < LEVELS.size(); i++) {
      int number = i;
      viewers.add(
          CompletableFuture.supplyAsync(
              () -> view(cluster, number, done), run -> Thread.ofVirtual().start(run)));
    }
    long before = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Kv.at(laptop).write("album/account", "private");
      long first = draw(laptop);
      long second = draw(phone);
      assertTrue(before < first && first < second, first + " and " + second + " after " + before);
      before = second;
      Kv.at(phone).write("album/photo", Long.toString(second));
      // And back, in the order in which nothing shows: for the next round.
      Http.Answer deleted = Http.send("DELETE", phone.uri("/v1/kv/album/photo"), "", PATIENCE);
      assertEquals(200, deleted.status(), deleted::toString);
      Kv.at(laptop).write("album/account", "public");
    }
    done.countDown();
    int photos = 0;
    for (CompletableFuture<Integer> viewer : viewers) {
      photos += viewer.get(60, TimeUnit.SECONDS);
    }
    assertTrue(photos > 0, "somebody saw a photo, else this shows nothing");
  }

  /** Looks at both at one revision, at any node, as new as its level demands; photos seen. */
  private static int view(FaultyCluster cluster, int number, CountDownLatch done) {
    int photos = 0;
    for (int look = number; done.getCount() > 0; look++) {
      LocalNode node = cluster.nodes.get(look % cluster.nodes.size());
      Http.Answer seen = Kv.at(node).get("album/?prefix" + LEVELS.get(number));
      boolean photo = seen.body().contains(PHOTO);
      assertTrue(!photo || !seen.body().contains(PUBLIC), seen::toString);
      photos += photo ? 1 : 0;
    }
    return photos;
  }

  private static long draw(LocalNode node) {
    Http.Answer answer = Http.send("POST", node.uri("/v1/ids/stamps:next"), "", PATIENCE);
    assertEquals(200, answer.status(), answer::toString);
    return Long.parseLong(answer.text("first"));
  }

  /** A store of many versions that knows nothing of others: it is told what each is stamped. */
  private static final class VersionedStore {
    private final TreeMap<Long, String> versions = new TreeMap<>();

    void put(long stamp, String value) {
      versions.put(stamp, value);
    }

    String at(long snapshot) {
      var version = versions.floorEntry(snapshot);
      return version == null ? "" : version.getValue();
    }
  }

  /** Two stores outside that only stamp what is written, and snapshots, with the service's ids. */
  @Test
  void storesThatShareOnlyTheStampsShowNoPhotoEither(FaultyCluster cluster) {
    LocalNode laptop = cluster.nodes.getFirst();
    LocalNode phone = cluster.nodes.getLast();
    cluster.delayInto(phone, DELAY_MILLIS / 3);
    assertEquals(0, badSnapshots(() -> draw(laptop), () -> draw(phone)));
  }

  /** The negative control: stamps of two clocks, one of which is behind. */
  @Test
  void stampsOfClocksShowThePhoto() {
    AtomicLong count = new AtomicLong();
    LongSupplier laptop = () -> System.currentTimeMillis() * 65_536 + count.incrementAndGet();
    LongSupplier phone =
        () -> (System.currentTimeMillis() - SKEW_MILLIS) * 65_536 + count.incrementAndGet();
    assertTrue(badSnapshots(laptop, phone) > 0, "else the other tests could not fail");
  }

  /** Snapshots between any two stamps that show a photo under the permission before. */
  private static int badSnapshots(LongSupplier laptop, LongSupplier phone) {
    int bad = 0;
    for (int round = 0; round < ROUNDS; round++) {
      VersionedStore accounts = new VersionedStore();
      VersionedStore photos = new VersionedStore();
      accounts.put(0, "public");
      accounts.put(laptop.getAsLong(), "private");
      photos.put(phone.getAsLong(), "photo");
      List<Long> stamps = new ArrayList<>(accounts.versions.keySet());
      stamps.addAll(photos.versions.keySet());
      for (long snapshot : stamps) {
        boolean shown = photos.at(snapshot).equals("photo");
        bad += shown && accounts.at(snapshot).equals("public") ? 1 : 0;
      }
    }
    return bad;
  }

  /** A note that the laptop wrote is on the phone, whose node is late; and as it is asked for. */
  @Test
  void aNoteOfTheLaptopIsOnThePhone(FaultyCluster cluster) {
    LocalNode phone = cluster.some(1, cluster.local.except(cluster.leader())).getFirst();
    LocalNode laptop = cluster.local.except(phone).getFirst();
    Kv.at(laptop).write("note", "empty");
    Kv.at(phone).get("note");
    cluster.delayInto(phone, DELAY_MILLIS);
    int old = 0;
    for (int round = 0; round < ROUNDS; round++) {
      String note = "note " + round;
      long revision = Kv.at(laptop).write("note", note);
      Kv.at(laptop).write("tokens/A", Long.toString(revision));
      Http.Answer any = Kv.at(phone).get("note?consistency=stale");
      old += any.text("value").equals(note) ? 0 : 1;
      assertTrue(any.header("Lockstep-Staleness-Ms") >= 0, any::toString);
      assertEquals(note, Kv.at(phone).get("note").text("value"), "whoever asks has it");
      String token = Kv.at(phone).get("tokens/A").text("value");
      assertEquals(note, Kv.at(phone).get("note?min_revision=" + token).text("value"));
    }
    assertTrue(old > 0, "who asks for any state is told an old one, else this shows nothing");
  }
}
