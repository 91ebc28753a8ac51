package dev.respec.ops.ui;

import static java.util.Objects.requireNonNull;

import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;

/** Scripts and style sheets of the page, out of this module and of the chart library's jar. */
final class PageFiles {
    private static final String OWN = "/dev/respec/ops/ui/page/";
    private static final String CHARTS = "/META-INF/resources/webjars/uplot/" + chartsVersion() + "/dist/";
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");

    private PageFiles() {}

    static void own(Context context, String name) throws IOException {
        serve(context, OWN + name, name);
    }

    static void charts(Context context, String name) throws IOException {
        serve(context, CHARTS + name, name);
    }

    /** It is in the names of the jar's folders. */
    private static String chartsVersion() {
        Properties properties = new Properties();
        try (InputStream file =
                PageFiles.class.getResourceAsStream("/META-INF/maven/org.webjars.npm/uplot/pom.properties")) {
            if (file == null) {
                throw new IllegalStateException("this installation has no chart library");
            }
            properties.load(file);
            return requireNonNull(properties.getProperty("version"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void serve(Context context, String resource, String name) throws IOException {
        String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
        boolean known = type != null && name.matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+");
        try (InputStream file = known ? PageFiles.class.getResourceAsStream(resource) : null) {
            if (type == null || file == null) {
                throw new NotFoundResponse("no such file: " + name);
            }
            context.contentType(type).result(file.readAllBytes());
        }
    }
}
