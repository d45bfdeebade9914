package io.lockstep.ops.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A file system of a node's own, in a file, whose disk can lose power and can be full.
 *
 * <p>A power cut is real as far as the operating system's memory goes: the file of the loop device
 * holds just what was sent to the "disk", so a copy of it, taken while nothing is sent, is what a
 * computer would find after its power came back. What was written and never forced is in the page
 * cache only, and gone. Not shown: a disk that itself forgets what it said was forced, or tears a
 * sector; the simulator does that.
 */
final class DiskImage implements AutoCloseable {
  private static final int COPIES_MAX = 100;

  private final Path image;
  private final Path mount;
  private final Path filler;

  private DiskImage(Path image) {
    this.image = image;
    this.mount = image.resolveSibling(image.getFileName() + ".mount");
    this.filler = mount.resolve("filler");
  }

  /** Makes and mounts one; {@code data} becomes a link to a directory on it. */
  static DiskImage behind(Path data, int mebibytes) throws IOException, InterruptedException {
    Tools.requireRoot();
    Tools.require("losetup", "mount");
    Tools.require("mkfs.ext4", "e2fsprogs");
    DiskImage disk = new DiskImage(data.resolveSibling(data.getFileName() + ".disk"));
    demand("truncate", "-s", mebibytes + "M", disk.image.toString());
    demand("mkfs.ext4", "-q", "-F", "-m", "0", disk.image.toString());
    Files.createDirectories(disk.mount);
    disk.mount();
    Files.createDirectories(disk.mount.resolve("data"));
    Files.createSymbolicLink(data, disk.mount.resolve("data"));
    return disk;
  }

  private void mount() throws IOException, InterruptedException {
    if (Tools.run("mount", "-o", "loop,commit=300", image.toString(), mount.toString()) != 0) {
      Tools.skip("needs the right to mount a loop device");
    }
  }

  /** The node behind must be dead. Afterwards only what had reached the disk is there. */
  void cutPower() throws IOException, InterruptedException {
    Path copy = image.resolveSibling(image.getFileName() + ".copy");
    String before;
    int copies = 0;
    do {
      if (++copies > COPIES_MAX) {
        throw new AssertionError("the disk is never quiet");
      }
      before = writesSent();
      demand("cp", "--sparse=always", image.toString(), copy.toString());
    } while (!before.equals(writesSent()));
    unmount();
    demand("mv", copy.toString(), image.toString());
    mount();
  }

  /** What the kernel counts of writes to the device: as long as it stands, the image does. */
  private String writesSent() throws IOException, InterruptedException {
    String device = output("findmnt", "-n", "-o", "SOURCE", mount.toString()).strip();
    Path stat = Path.of("/sys/block", Path.of(device).getFileName().toString(), "stat");
    String[] fields = Files.readString(stat).strip().split(" +", -1);
    boolean quiet = fields[8].equals("0");
    return quiet ? fields[4] + " " + fields[6] : "busy " + System.nanoTime();
  }

  /** No byte is free any more. */
  void fill() throws IOException, InterruptedException {
    long free = Files.getFileStore(mount).getUsableSpace();
    for (long piece = free; piece >= 4096; piece /= 2) {
      Path part = filler.resolveSibling("filler." + piece);
      // What does not fit any more is no error: the next piece is half of it.
      new ProcessBuilder("fallocate", "-l", "" + piece, part.toString()).start().waitFor();
    }
  }

  /** What {@link #fill} took is free again. */
  void free() throws IOException {
    List<Path> parts;
    try (var files = Files.list(mount)) {
      parts = files.filter(file -> file.toString().startsWith(filler.toString())).toList();
    }
    for (Path part : parts) {
      Files.delete(part);
    }
  }

  Path mountPoint() {
    return mount;
  }

  private void unmount() {
    Awaitility.await("unmounting " + mount)
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> Tools.run("umount", mount.toString()) == 0);
  }

  @Override
  public void close() {
    unmount();
  }

  private static void demand(String... command) throws IOException, InterruptedException {
    if (Tools.run(command) != 0) {
      throw new AssertionError(String.join(" ", command) + " failed");
    }
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new AssertionError(String.join(" ", command) + " failed");
    }
    return text;
  }
}
