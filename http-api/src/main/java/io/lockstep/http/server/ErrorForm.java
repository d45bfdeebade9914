package io.lockstep.http.server;

import io.lockstep.http.error.Problem;
import io.lockstep.http.response.JsonText;

/** How the errors of a foreign interface are written. */
public interface ErrorForm {
  /** Writes the document; the status of the answer. */
  int write(JsonText json, Problem problem);
}
