package io.lockstep.ops.cli;

import io.lockstep.ops.ExitCode;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.restore.Backup;
import io.lockstep.ops.restore.NewCluster;
import io.lockstep.ops.restore.Origin;
import io.lockstep.raft.NodeId;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes the data directory of a new cluster's first node out of a backup. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes the data directory of a new cluster's first node out of a backup.",
      "The cluster has a new id; revisions, tokens and ids begin above all that the cluster",
      "before can have given out. Start the node with --cluster naming itself alone, and",
      "let the others --join it with empty directories."
    },
    footer = {
      "",
      "Exit status: 0 done; 2 wrong options; 71 the backup or the directory is refused."
    })
public final class RestoreCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "What GET /v1/backup gave.")
  private String file = "";

  @Option(names = "--id", required = true, paramLabel = "ID", description = "The node's name.")
  private String id = "";

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DIR",
      description = "The directory to make: missing or empty.")
  private String data = "";

  @Option(
      names = "--above",
      defaultValue = "0",
      paramLabel = "REVISION",
      description =
          "Begins above this revision too. Needed when this backup was restored before: the"
              + " greatest revision that any answer of that cluster has shown.")
  private long above;

  @Option(
      names = "--journal",
      defaultValue = "chronicle",
      paramLabel = "KIND",
      description = "As the node will be started with: chronicle or file (default: chronicle).")
  private String journal = "chronicle";

  @Override
  public Integer call() throws StartRefused {
    CommandSpec command = Objects.requireNonNull(spec);
    NodeId node;
    NodeConfig.Journal kind;
    try {
      node = new NodeId(id);
      kind = NodeConfig.Journal.named(journal);
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(command.commandLine(), wrong.getMessage(), wrong);
    }
    Path directory = Path.of(data).toAbsolutePath().normalize();
    Origin backup = Backup.read(Path.of(file));
    NewCluster made = NewCluster.make(directory, node, kind, backup, above);
    PrintWriter out = command.commandLine().getOut();
    out.println("restored " + file + ", of revision " + backup.state().revision());
    made.tell(out, directory, node);
    return ExitCode.OK.status();
  }
}
