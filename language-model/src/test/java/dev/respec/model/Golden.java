package dev.respec.model;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Reference values computed with independent public implementations, kept under src/test/resources/golden. */
public final class Golden {
    private Golden() {}

    /** The path of a file or folder, for instance {@code hf-models/qwen2-tiny}. */
    public static Path path(String name) {
        var resource = Golden.class.getResource("/golden/" + name);
        try {
            return Path.of(Objects.requireNonNull(resource, name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
