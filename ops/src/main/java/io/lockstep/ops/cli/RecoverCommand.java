package io.lockstep.ops.cli;

import io.lockstep.ops.ExitCode;
import io.lockstep.ops.StartRefused;
import io.lockstep.ops.config.NodeConfig;
import io.lockstep.ops.restore.NewCluster;
import io.lockstep.ops.restore.Survivor;
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

/** Makes the data directory of a new cluster's first node out of what one survivor holds. */
@Command(
    name = "recover",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Makes the data directory of a new cluster's first node out of what one member holds",
      "whose cluster has lost a majority for good. What that member had not received is lost,",
      "acknowledged or not; what it had received counts, committed or not. Never do this while",
      "a majority can come back, and do it with one member only."
    },
    footer = {"", "Exit status: 0 done; 2 wrong options; 71 a directory is refused."})
public final class RecoverCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "DIR", description = "The data directory of the member, stopped.")
  private String survivor = "";

  @Option(
      names = "--id",
      required = true,
      paramLabel = "ID",
      description = "The member's name, and that of the new cluster's first node.")
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
          "Begins above this revision too: needed when another cluster was made of this one"
              + " before.")
  private long above;

  @Option(
      names = "--journal",
      defaultValue = "chronicle",
      paramLabel = "KIND",
      description = "The member's journal, and the new one's: chronicle or file.")
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
    Survivor found = Survivor.read(Path.of(survivor), node, kind);
    PrintWriter out = command.commandLine().getOut();
    out.println(
        survivor
            + " ends with entry "
            + found.last().index()
            + " of term "
            + found.last().term()
            + ": if another member that is left ends later (term first), take that one");
    out.println(
        "taken: its snapshot up to entry "
            + found.snapshot().index()
            + ", and "
            + found.unsureEntries()
            + " entries after it, committed or not; lost: whatever it had not received");
    NewCluster made = NewCluster.make(directory, node, kind, found.origin(), above);
    made.tell(out, directory, node);
    return ExitCode.OK.status();
  }
}
