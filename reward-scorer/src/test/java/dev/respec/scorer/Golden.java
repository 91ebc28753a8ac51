package dev.respec.scorer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** Reference values made by independent implementations, under {@code src/test/resources/golden}. */
public final class Golden {
    private Golden() {}

    public static JsonNode json(String path) {
        try (InputStream file = Golden.class.getResourceAsStream("/golden/" + path)) {
            return new ObjectMapper().readTree(Objects.requireNonNull(file, path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
