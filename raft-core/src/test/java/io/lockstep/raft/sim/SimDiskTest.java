package io.lockstep.raft.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.raft.HardState;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.journal.AppendableSegment;
import io.lockstep.raft.journal.NoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SimDiskTest {
  private static final int BLOCK = 64 << 10;

  private final SimProcess process = new SimProcess(0, 1);

  private static SimDisk disk(long seed) {
    return new SimDisk(new Simulation(seed, null), new Chance(seed), 1_000);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] read(SimDisk disk, int length) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(length);
    disk.segments(new SimProcess(0, 2)).open(1).read(0, target);
    return target.array();
  }

  @Test
  void whatWasForcedSurvivesEveryPowerCutAndTheRestMayNot() throws IOException {
    Set<Integer> kept = new TreeSet<>();
    boolean torn = false;
    for (long seed = 0; seed < 200; seed++) {
      SimDisk disk = disk(seed);
      AppendableSegment segment = disk.segments(process).create(1, BLOCK);
      segment.append(ByteBuffer.wrap(filled(3_000, 1)));
      segment.force();
      segment.append(ByteBuffer.wrap(filled(5_000, 2)));
      disk.cutPower();
      byte[] left = read(disk, 8_000);
      assertArrayEquals(filled(3_000, 1), Arrays.copyOf(left, 3_000), "seed " + seed);
      int count = 0;
      for (int i = 3_000; i < 8_000; i++) {
        assertTrue(left[i] == 0 || left[i] == 2);
        count += left[i] == 2 ? 1 : 0;
      }
      kept.add(count);
      torn |= count % 512 != (8_000 - 3_000) % 512 && count % 512 != 0;
    }
    assertTrue(kept.contains(0) && kept.contains(5_000) && kept.size() > 10, () -> "" + kept);
    assertTrue(torn, "a sector was written in part");
  }

  @Test
  void aKilledProcessLosesNothingButItMayStillBeLostLater() throws IOException {
    boolean lost = false;
    for (long seed = 0; seed < 50; seed++) {
      SimDisk disk = disk(seed);
      disk.segments(process).create(1, BLOCK).append(ByteBuffer.wrap(filled(64, 7)));
      disk.kill();
      assertArrayEquals(filled(64, 7), read(disk, 64));
      disk.cutPower();
      lost |= read(disk, 64)[0] == 0;
    }
    assertTrue(lost);
  }

  @Test
  void aForceAfterAFailedOneDoesNotWriteWhatTheFailedOneLost() throws IOException {
    boolean lost = false;
    for (long seed = 0; seed < 50; seed++) {
      SimDisk disk = disk(seed);
      AppendableSegment segment = disk.segments(process).create(1, BLOCK);
      segment.append(ByteBuffer.wrap(filled(64, 7)));
      disk.failForces();
      assertThrows(IOException.class, segment::force);
      disk.kill();
      assertArrayEquals(filled(64, 7), read(disk, 64), "it can be read");
      segment.force();
      disk.cutPower();
      lost |= read(disk, 64)[0] == 0;
    }
    assertTrue(lost, "and yet it can be lost");
    SimDisk disk = disk(1);
    AppendableSegment segment = disk.segments(process).create(1, BLOCK);
    segment.append(ByteBuffer.wrap(filled(64, 7)));
    disk.failForces();
    assertThrows(IOException.class, segment::force);
    disk.kill();
    segment.rewrite(0, 64);
    disk.cutPower();
    assertArrayEquals(filled(64, 7), read(disk, 64), "a rewrite makes it safe");
  }

  @Test
  void aCrashFallsBetweenTwoOperations() throws IOException {
    Set<String> left = new TreeSet<>();
    for (long seed = 0; seed < 100; seed++) {
      SimDisk disk = disk(seed);
      SimProcess victim = new SimProcess(0, 1);
      AppendableSegment segment = disk.segments(victim).create(1, BLOCK);
      disk.crashAfter(
          1,
          () -> {
            victim.end();
            disk.cutPower();
          });
      segment.append(ByteBuffer.wrap(filled(8, 1)));
      assertThrows(Crash.class, segment::force);
      assertThrows(Crash.class, () -> segment.append(ByteBuffer.wrap(filled(8, 2))));
      left.add(Arrays.toString(read(disk, 16)));
    }
    assertEquals(2, left.size(), () -> "lost, or kept whole, and nothing after the crash: " + left);
  }

  @Test
  void hardStateIsSavedWholeOrNotAtAll() throws IOException {
    SimDisk disk = disk(1);
    HardState saved = new HardState(3, new NodeId("n2"));
    disk.hardState(process).save(saved);
    disk.cutPower();
    assertEquals(saved, disk.hardState(process).load());
    disk.failForces();
    assertThrows(IOException.class, () -> disk.hardState(process).save(new HardState(4, null)));
    assertEquals(saved, disk.hardState());
  }

  @Test
  void aFullDiskTakesNoNewSegment() throws IOException {
    SimDisk disk = disk(1);
    disk.full(true);
    assertThrows(NoSpaceException.class, () -> disk.segments(process).create(1, BLOCK));
    disk.full(false);
    assertEquals(BLOCK, disk.segments(process).create(1, BLOCK).length());
    assertFalse(disk.segments(process).list().length == 0);
  }
}
