package io.lockstep.ops.cli;

import io.lockstep.ops.NodeProcess;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.Address;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.config.NodeConfig.Join;
import io.lockstep.ops.config.NodeConfig.Journal;
import io.lockstep.ops.config.NodeConfig.Timing;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.peer.PeerAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs one node in the foreground until it is told to stop. */
@Command(
    name = "node",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Runs one node in the foreground; SIGTERM hands leadership over and stops it.",
    footer = {
      "",
      "Each option may also come from the environment (LOCKSTEP_CLIENT for --client) or from",
      "a file of lines such as client=127.0.0.1:8400; the command line wins, then the",
      "environment, then the file.",
      "",
      "Exit status: 143 stopped by SIGTERM; 2 wrong options; 70 stopped itself (failed disk);",
      "71 data directory refused; 72 port refused; 73 not accepted by its peers."
    })
public final class NodeCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @SuppressWarnings("UnusedVariable") // Defaults reads it before; here it is for help and checks.
  @Option(names = "--config", paramLabel = "FILE", description = "A file with these options.")
  private @Nullable String config;

  @Option(names = "--id", required = true, paramLabel = "ID", description = "This node's name.")
  private String id = "";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "Where this node keeps its data: its identity and its memory.")
  private String data = "";

  @Option(
      names = "--client",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where clients are answered.")
  private String client = "";

  @Option(
      names = "--client-url",
      defaultValue = "",
      paramLabel = "URL",
      description =
          "Where clients reach this node, as other nodes tell them (default: http:// and --client,"
              + " unless that stands for all addresses).")
  private String clientUrl = "";

  @Option(
      names = "--peer",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Where this node listens for its peers (loopback only).")
  private String peer = "";

  @Option(
      names = "--cluster",
      defaultValue = "",
      paramLabel = "ID=HOST:PORT,...",
      description =
          "All nodes at the first start, each with the address at which this node reaches it.")
  private String cluster = "";

  @Option(
      names = "--join",
      defaultValue = "",
      paramLabel = "URL",
      description =
          "A node of a cluster that is to take this one in; not needed any more once it has.")
  private String join = "";

  @Option(
      names = "--join-as",
      defaultValue = "voter",
      paramLabel = "ROLE",
      description =
          "voter: once caught up; observer: gets the log, serves reads and watches, never votes"
              + " (default: voter).")
  private String joinAs = "voter";

  @Option(
      names = "--replace",
      defaultValue = "",
      paramLabel = "ID",
      description = "The voter that leaves when this node, which joins, becomes one.")
  private String replace = "";

  @Option(
      names = "--journal",
      defaultValue = "chronicle",
      paramLabel = "KIND",
      description = "Which journal keeps the log: chronicle or file (default: chronicle).")
  private String journal = "chronicle";

  @Option(
      names = "--segment-mib",
      defaultValue = "64",
      paramLabel = "MIB",
      description = "Size of a log segment (default: 64).")
  private int segmentMebibytes = 64;

  @Option(
      names = "--snapshot-entries",
      defaultValue = "50000",
      paramLabel = "ENTRIES",
      description =
          "Takes a snapshot after so many log entries; also after 64 MiB of them, or when the log"
              + " lies in 16 segments (default: 50000).")
  private long snapshotEntries = 50_000;

  @Option(
      names = "--timing",
      defaultValue = "lan",
      paramLabel = "PRESET",
      description =
          "lan (heartbeat 100 ms, election timeout 500 to 1,000 ms) or wan (500 ms, 3 to 6 s);"
              + " the same on all nodes (default: lan).")
  private String timing = "lan";

  @Option(
      names = "--quota-mib",
      defaultValue = "0",
      paramLabel = "MIB",
      description =
          "State the cluster keeps at most; counts at the cluster's first start only"
              + " (default: half of this node's heap).")
  private long quotaMebibytes;

  @Override
  public Integer call() throws StartRefused, InterruptedException {
    return NodeProcess.run(toConfig()).status();
  }

  private NodeConfig toConfig() {
    try {
      return new NodeConfig(
          new NodeId(id),
          Path.of(data).toAbsolutePath().normalize(),
          parse("--client", client, Address::parse),
          parse("--peer", peer, PeerAddress::parse),
          cluster.isEmpty()
              ? new TreeMap<>()
              : parse("--cluster", cluster, NodeConfig::parseCluster),
          Journal.named(journal),
          segmentMebibytes,
          snapshotEntries,
          timingOf(timing),
          quotaMebibytes > 0 ? quotaMebibytes << 20 : Runtime.getRuntime().maxMemory() / 2,
          joinOf(),
          clientUrl.isEmpty() ? null : parse("--client-url", clientUrl, URI::create));
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), wrong.getMessage(), wrong);
    }
  }

  private @Nullable Join joinOf() {
    if (join.isEmpty()) {
      return null;
    }
    boolean observer =
        switch (joinAs.toLowerCase(Locale.ROOT)) {
          case "voter" -> false;
          case "observer" -> true;
          default ->
              throw new IllegalArgumentException(
                  "--join-as is voter or observer, not '" + joinAs + "'");
        };
    return new Join(
        parse("--join", join, URI::create),
        observer,
        replace.isEmpty() ? null : parse("--replace", replace, NodeId::new));
  }

  private static <T> T parse(String option, String text, Function<String, T> parser) {
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(option + ": " + wrong.getMessage(), wrong);
    }
  }

  private static Timing timingOf(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "lan" -> Timing.LAN;
      case "wan" -> Timing.WAN;
      default -> throw new IllegalArgumentException("--timing is lan or wan, not '" + name + "'");
    };
  }
}
