package io.lockstep.http.etcd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.http.fixture.Trio;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * OpenStack's tooz with its driver for etcd3gw, both as Debian has them: groups, locks, leases and
 * watches on three nodes, each coordinator at another one, under tooz's path {@code /v3alpha}.
 */
@Timeout(90)
class EtcdToozTest {
  private static final Path PACKAGES = Path.of("/usr/lib/python3/dist-packages");

  private static final String EXPECTED =
      """
      created again: GroupAlreadyExist
      groups: ['g']
      joined again: MemberAlreadyExist
      members: ['one', 'two']
      capabilities: second
      updated: other
      deleted with members: GroupNotEmpty
      one left: ['one']
      locked: True
      locked by another: False
      released: True
      waited: [True]
      released by who has it not: False
      broken: True
      silent one's lock: True
      waited for it: True
      not before its time: True
      created: True
      created again: False
      replaced: True
      event: ('PUT', 'k/b', '4')
      event: ('DELETE', 'k/a', '')
      found: [('k/b', '4')]
      lease: (True, 60, [b'k/c'])
      ended: (-1, -1, [])
      members: ['n1', 'n2', 'n3']
      version: 3.5.0
      """;

  @Test
  void servicesOfOpenStackFindWhatTheyExpect() throws Exception {
    if (!Files.isDirectory(PACKAGES.resolve("tooz"))
        || !Files.isDirectory(PACKAGES.resolve("etcd3gw"))) {
      String reason = "needs Debian's python3-tooz and python3-etcd3gw (see .ci/run)";
      System.err.println("SKIPPED, and so NOT TESTED here: " + reason);
      Assumptions.abort(reason);
    }
    try (Trio trio = new Trio()) {
      assertEquals(EXPECTED, said(trio));
    }
  }

  private static String said(Trio trio) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-"));
    trio.nodes.forEach(node -> command.add(Integer.toString(node.port())));
    Process python =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (InputStream script = EtcdToozTest.class.getResourceAsStream("tooz-service.py");
        OutputStream to = python.getOutputStream()) {
      Objects.requireNonNull(script).transferTo(to);
    }
    try {
      String text = new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, python.waitFor(), text);
      return text;
    } finally {
      python.destroyForcibly();
    }
  }
}
