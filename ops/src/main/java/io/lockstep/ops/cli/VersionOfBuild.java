package io.lockstep.ops.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into the jar. */
public final class VersionOfBuild implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = VersionOfBuild.class.getPackage().getImplementationVersion();
    return new String[] {"Lockstep " + (version == null ? "(not packaged)" : version)};
  }
}
