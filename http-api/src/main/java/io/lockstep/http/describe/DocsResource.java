package io.lockstep.http.describe;

import io.lockstep.http.error.Problem;
import io.lockstep.http.error.ProblemCode;
import io.lockstep.http.response.Names;
import io.lockstep.http.server.Exchange;
import io.lockstep.http.server.Methods;
import io.lockstep.http.server.Resource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Properties;

/**
 * {@code /docs}: the description for people, as a page of Swagger UI. Everything that it loads
 * comes from this node, and the browser is told to load nothing else.
 */
public final class DocsResource implements Resource {
  /** The route. */
  public static final String PATH = "/docs";

  /** Where the page's files are. */
  public static final String PREFIX = PATH + "/";

  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  private static final String SWAGGER_UI = "swagger-ui";
  private static final String SCRIPT = "text/javascript; charset=utf-8";

  private final Map<String, Page> pages =
      Map.of(
          "",
          own("index.html", "text/html; charset=utf-8"),
          "start.js",
          own("start.js", SCRIPT),
          "swagger-ui.css",
          bundled("swagger-ui.css", "text/css; charset=utf-8"),
          "swagger-ui-bundle.js",
          bundled("swagger-ui-bundle.js", SCRIPT),
          "favicon-32x32.png",
          bundled("favicon-32x32.png", "image/png"));

  @Override
  public void serve(Exchange exchange) {
    exchange.route("GET /docs");
    Methods.readOnly(exchange);
    exchange.query().finish();
    String path = exchange.target().path();
    Page page = pages.get(path.equals(PATH) ? "" : path.substring(PREFIX.length()));
    if (page == null) {
      exchange.problem(Problem.of(ProblemCode.NO_SUCH_ROUTE, "the documentation has no such file"));
      return;
    }
    exchange.with(Names.CONTENT_POLICY, POLICY).with(Names.NOSNIFF_NAME, Names.NOSNIFF);
    page.send(exchange);
  }

  private static Page own(String name, String contentType) {
    return new Page(contentType, () -> ClassPath.read(DocsResource.class, "docs/" + name));
  }

  private static Page bundled(String name, String contentType) {
    return new Page(
        contentType,
        () ->
            ClassPath.read(
                DocsResource.class,
                "/META-INF/resources/webjars/" + SWAGGER_UI + "/" + version() + "/" + name));
  }

  /** Of the Swagger UI that comes with the program: its files lie under it. */
  private static String version() throws IOException {
    Properties properties = new Properties();
    properties.load(
        new ByteArrayInputStream(
            ClassPath.read(
                DocsResource.class,
                "/META-INF/maven/org.webjars/" + SWAGGER_UI + "/pom.properties")));
    return properties.getProperty("version", "");
  }
}
