package io.lockstep.ops.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where an option's value comes from when the command line does not give it: first the environment
 * ({@code LOCKSTEP_CLIENT} for {@code --client}), then the configuration file ({@code client=...},
 * the file that {@code --config} or {@code LOCKSTEP_CONFIG} names).
 */
public final class Defaults implements IDefaultValueProvider {
  private final Map<String, String> environment;
  private final Properties file;

  private Defaults(Map<String, String> environment, Properties file) {
    this.environment = environment;
    this.file = file;
  }

  /**
   * Reads the configuration file that the arguments or the environment name, if any.
   *
   * @param known the names that the file may use
   */
  public static Defaults of(
      String[] arguments, Map<String, String> environment, SortedSet<String> known)
      throws IOException {
    Properties file = new Properties();
    String path = configFile(arguments, environment);
    if (path != null) {
      try (Reader reader = Files.newBufferedReader(Path.of(path), StandardCharsets.UTF_8)) {
        file.load(reader);
      }
      for (String name : new TreeSet<>(file.stringPropertyNames())) {
        if (!known.contains(name)) {
          throw new IllegalArgumentException(
              "the configuration file " + path + " has '" + name + "', which is none of " + known);
        }
      }
    }
    return new Defaults(environment, file);
  }

  private static @Nullable String configFile(String[] arguments, Map<String, String> environment) {
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].startsWith("--config=")) {
        return arguments[i].substring("--config=".length());
      }
      if (arguments[i].equals("--config") && i + 1 < arguments.length) {
        return arguments[i + 1];
      }
    }
    return environment.get("LOCKSTEP_CONFIG");
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)) {
      return null;
    }
    String name = longName(option);
    String variable = "LOCKSTEP_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
    String fromEnvironment = environment.get(variable);
    return fromEnvironment != null ? fromEnvironment : file.getProperty(name);
  }

  /** The option's name without dashes, as files write it. */
  public static String longName(OptionSpec option) {
    return Arrays.stream(option.names())
        .filter(name -> name.startsWith("--"))
        .findFirst()
        .orElse(option.longestName())
        .replaceFirst("^-+", "");
  }
}
