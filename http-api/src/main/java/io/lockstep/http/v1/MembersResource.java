package io.lockstep.http.v1;

import io.lockstep.http.ClusterDirectory;
import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.error.Rejected;
import io.lockstep.http.request.JsonBody;
import io.lockstep.http.response.JsonText;
import io.lockstep.http.server.Accepts;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import io.lockstep.http.service.Coordinator;
import io.lockstep.raft.ChangeOutcome;
import io.lockstep.raft.Contact;
import io.lockstep.raft.MembershipChange;
import io.lockstep.raft.NodeId;
import io.lockstep.raft.identity.StorageId;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /v1/cluster/members}: take members in, make them voters, let them go. */
public final class MembersResource implements Resource {
  /** The route of all members. */
  public static final String PATH = "/v1/cluster/members";

  private static final String PREFIX = PATH + "/";
  private static final Pattern PEER =
      Pattern.compile("(\\[[0-9a-fA-F:]+]|[^:\\s\\[\\]]+):\\d{1,5}");

  private final Coordinator coordinator;
  private final ClusterDirectory directory;

  public MembersResource(Coordinator coordinator, ClusterDirectory directory) {
    this.coordinator = coordinator;
    this.directory = directory;
  }

  @Override
  public void serve(Exchange exchange) {
    Accepts.json(exchange);
    String path = exchange.target().path();
    if (path.equals(PATH)) {
      exchange.route("POST /v1/cluster/members");
      if (exchange.method().equals("POST")) {
        add(exchange);
      } else {
        Methods.notAllowed(exchange, "POST");
      }
    } else if (path.startsWith(PREFIX)) {
      one(exchange);
    } else {
      exchange.problem(Problem.of(ProblemCode.NO_SUCH_ROUTE, "nothing is served at this path"));
    }
  }

  private void one(Exchange exchange) {
    switch (exchange.method()) {
      case "DELETE" -> {
        exchange.route("DELETE /v1/cluster/members/{id}");
        NodeId id = idOf(exchange.target().textFrom(PREFIX.length()));
        exchange.query().finish();
        exchange.refuseBody();
        change(exchange, new MembershipChange.Remove(id), done -> gone(exchange, id, done));
      }
      case "POST" -> {
        exchange.route("POST /v1/cluster/members/{id}:promote");
        Verbs verbs = Verbs.of(exchange, PREFIX);
        if (!verbs.verb().equals("promote")) {
          throw Verbs.unknown(verbs.verb());
        }
        NodeId id = idOf(verbs.name().utf8());
        exchange.query().finish();
        exchange.body(
            body -> {
              JsonBody.parse(body).finish();
              change(
                  exchange,
                  new MembershipChange.Promote(id),
                  done -> came(exchange, 200, id, "voter", done));
            });
      }
      default -> Methods.notAllowed(exchange, "POST, DELETE");
    }
  }

  private static NodeId idOf(String text) {
    try {
      return new NodeId(text);
    } catch (IllegalArgumentException e) {
      throw new Rejected(
          Problem.of(ProblemCode.MEMBER_NOT_FOUND, "no member has an id of this form"));
    }
  }

  private void add(Exchange exchange) {
    exchange.query().finish();
    exchange.body(
        body -> {
          JsonBody json = JsonBody.parse(body);
          NodeId id = needed("id", json.text("id"), NodeId::new);
          StorageId storage = needed("storage_id", json.text("storage_id"), StorageId::new);
          String peer = needed("peer", json.text("peer"), MembersResource::peerAddress);
          String client = json.text("client");
          boolean observer = isObserver(json.text("role"));
          String replaces = json.text("replaces");
          NodeId replaced = replaces == null ? null : needed("replaces", replaces, NodeId::new);
          json.finish();
          change(
              exchange,
              additionOf(id, storage, peer, client == null ? "" : client, observer, replaced),
              done -> came(exchange, 201, id, observer ? "observer" : "learner", done));
        });
  }

  private static MembershipChange additionOf(
      NodeId id,
      StorageId storage,
      String peer,
      String client,
      boolean observer,
      @Nullable NodeId replaces) {
    try {
      return new MembershipChange.AddLearner(
          new Contact(id, storage.text(), peer, client), observer, replaces);
    } catch (IllegalArgumentException e) {
      throw new Rejected(Problem.of(ProblemCode.NOT_ALLOWED, String.valueOf(e.getMessage())));
    }
  }

  private static <T> T needed(String name, @Nullable String text, Function<String, T> parser) {
    if (text == null) {
      throw JsonBody.missing(name);
    }
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      throw JsonBody.bad(name, "is not right: " + e.getMessage());
    }
  }

  private static String peerAddress(String text) {
    if (!PEER.matcher(text).matches()) {
      throw new IllegalArgumentException("a peer address is host:port");
    }
    return text;
  }

  private static boolean isObserver(@Nullable String role) {
    if (role == null || role.equals("voter")) {
      return false;
    }
    if (role.equals("observer")) {
      return true;
    }
    throw JsonBody.bad("role", "is voter or observer");
  }

  private void change(
      Exchange exchange, MembershipChange change, Consumer<ChangeOutcome.Done> rendering) {
    MemberChanges.ask(coordinator, exchange, change, rendering);
  }

  private void came(
      Exchange exchange, int status, NodeId id, String role, ChangeOutcome.Done done) {
    JsonText json =
        exchange
            .json()
            .begin()
            .field("id", id.text())
            .field("role", role)
            .field("index", done.index());
    MemberFields.write(
        json, directory, done.membership(), coordinator.view().members(), member -> {});
    exchange.answer(status, coordinator.view().revision(), json.end());
  }

  private void gone(Exchange exchange, NodeId id, ChangeOutcome.Done done) {
    JsonText json =
        exchange
            .json()
            .begin()
            .field("id", id.text())
            .field("removed", true)
            .field("index", done.index());
    MemberFields.write(
        json, directory, done.membership(), coordinator.view().members(), member -> {});
    exchange.answer(200, coordinator.view().revision(), json.end());
  }
}
