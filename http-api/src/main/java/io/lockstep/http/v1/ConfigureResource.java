package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.MembershipChange;

/** {@code POST /v1/cluster:configure}: the settings that all members share. */
public final class ConfigureResource implements Resource {
  /** The route. */
  public static final String PATH = "/v1/cluster:configure";

  private final Coordinator coordinator;
  private final ClusterDirectory directory;

  public ConfigureResource(Coordinator coordinator, ClusterDirectory directory) {
    this.coordinator = coordinator;
    this.directory = directory;
  }

  @Override
  public void serve(Exchange exchange) {
    exchange.route("POST /v1/cluster:configure");
    Accepts.json(exchange);
    if (!exchange.method().equals("POST")) {
      Methods.notAllowed(exchange, "POST");
      return;
    }
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          Boolean leaseReads = json.flag("lease_reads");
          json.finish();
          if (leaseReads == null) {
            throw JsonBody.missing("lease_reads");
          }
          MemberChanges.ask(
              coordinator,
              exchange,
              new MembershipChange.LeaseReads(leaseReads),
              done -> answer(exchange, done));
        });
  }

  private void answer(Exchange exchange, ChangeOutcome.Done done) {
    JsonText json =
        exchange
            .json()
            .begin()
            .field("index", done.index())
            .field("lease_reads", done.membership().leaseReads())
            .field("lease_ms", done.membership().leaseMillis());
    MemberFields.write(
        json, directory, done.membership(), coordinator.view().members(), member -> {});
    exchange.answer(200, coordinator.view().revision(), json.end());
  }
}
