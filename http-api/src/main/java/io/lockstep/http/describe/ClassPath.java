package io.lockstep.http.describe;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/** Files that come with the program. */
final class ClassPath {
  private ClassPath() {}

  /** A file, named from the package of {@code place} or, with a slash in front, from the root. */
  static byte[] read(Class<?> place, String name) throws IOException {
    try (InputStream in = place.getResourceAsStream(name)) {
      if (in == null) {
        throw new FileNotFoundException(name);
      }
      return in.readAllBytes();
    }
  }
}
