package io.lockstep.ops;

import io.lockstep.ops.cli.NodeCommand;
import io.lockstep.ops.cli.RecoverCommand;
import io.lockstep.ops.cli.RehearseCommand;
import io.lockstep.ops.cli.RestoreCommand;
import io.lockstep.ops.cli.VersionCommand;
import io.lockstep.ops.cli.VersionOfBuild;
import io.lockstep.ops.config.Defaults;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;

/** The {@code lockstep} program. */
@Command(
    name = "lockstep",
    mixinStandardHelpOptions = true,
    versionProvider = VersionOfBuild.class,
    description = "A strongly consistent coordination service over plain HTTP.",
    subcommands = {
      NodeCommand.class,
      RestoreCommand.class,
      RecoverCommand.class,
      RehearseCommand.class,
      VersionCommand.class
    })
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String[] arguments) {
    CommandLine program = new CommandLine(new Main());
    PrintWriter err = program.getErr();
    CommandLine node = Objects.requireNonNull(program.getSubcommands().get("node"));
    try {
      TreeSet<String> known = new TreeSet<>();
      for (OptionSpec option : node.getCommandSpec().options()) {
        known.add(Defaults.longName(option));
      }
      node.setDefaultValueProvider(Defaults.of(arguments, System.getenv(), known));
    } catch (IOException | IllegalArgumentException unreadable) {
      err.println("lockstep: " + explained(unreadable));
      err.flush();
      return ExitCode.USAGE.status();
    }
    program.setParameterExceptionHandler(
        (wrong, given) -> {
          err.println("lockstep: " + wrong.getMessage());
          err.flush();
          return ExitCode.USAGE.status();
        });
    program.setExecutionExceptionHandler(
        (failure, line, parsed) -> {
          if (failure instanceof StartRefused refused) {
            err.println("lockstep: " + refused.getMessage());
            err.flush();
            return refused.exitCode().status();
          }
          throw failure;
        });
    return program.execute(arguments);
  }

  private static String explained(Exception unreadable) {
    return unreadable instanceof NoSuchFileException missing
        ? "there is no configuration file " + missing.getFile()
        : String.valueOf(unreadable.getMessage());
  }
}
