package dev.respec.ops.ui;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/** The rules of accessibility that the page is held to: axe-core, out of its jar. */
final class AxeScript {
    private AxeScript() {}

    static String read() throws IOException {
        Properties properties = new Properties();
        String base = "/META-INF/";
        try (InputStream file =
                Browser.class.getResourceAsStream(base + "maven/org.webjars.npm/axe-core/pom.properties")) {
            properties.load(requireNonNull(file));
        }
        String script = base + "resources/webjars/axe-core/" + properties.getProperty("version") + "/axe.min.js";
        try (InputStream file = Browser.class.getResourceAsStream(script)) {
            return new String(requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
