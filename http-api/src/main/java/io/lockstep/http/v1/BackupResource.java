package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.backup.BackupForm;
import io.lockstep.http.backup.Backups;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.vertx.core.http.HttpHeaders;

/** {@code GET /v1/backup}: all state, for {@code lockstep restore}. */
public final class BackupResource implements Resource {
  /** The route. */
  public static final String PATH = "/v1/backup";

  private static final String OCTETS = "application/octet-stream";

  private final Backups backups;
  private final ClusterDirectory directory;
  private final Reads reads;

  public BackupResource(Backups backups, ClusterDirectory directory, Reads reads) {
    this.backups = backups;
    this.directory = directory;
    this.reads = reads;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /v1/backup");
    if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
      Methods.notAllowed(exchange, "GET, HEAD");
      return;
    }
    Accepts.only(exchange, OCTETS);
    exchange.refuseBody();
    exchange.query().finish();
    if (exchange.method().equals("HEAD")) {
      reads.current(
          exchange,
          (x, view) -> {
            BackupForm form = named(x, view.revision());
            x.send(200, view.revision(), form.contentType(), null);
          });
    } else {
      backups.serve(exchange, reads, revision -> named(exchange, revision));
    }
  }

  private BackupForm named(Exchange exchange, long revision) {
    String cluster = directory.clusterId();
    String name = "lockstep-" + (cluster == null ? "" : cluster + "-") + revision + ".backup";
    exchange.with(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "\"");
    return new AsItIs();
  }

  private record AsItIs() implements BackupForm {
    @Override
    public CharSequence contentType() {
      return OCTETS;
    }

    @Override
    public boolean tellsRemaining() {
      return false;
    }

    @Override
    public byte[] piece(byte[] bytes, long remaining) {
      return bytes;
    }
  }
}
