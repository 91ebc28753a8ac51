package dev.respec.ops.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/**
 * Options of the Java virtual machine by kind of process. They are argument files, which the {@code respec} script and the
 * images pass to {@code java} as they are.
 */
public enum JvmOptions {
    /** Of every process. */
    COMMON,
    /** Of processes with an archive of classes. */
    ARCHIVED,
    /** Of processes that watch and wait. */
    LIGHT,
    /** Of processes that ask which kernels there are. */
    VECTORS,
    /** Of processes that decode. */
    DECODING;

    public List<String> flags() {
        String file = "jvm/" + name().toLowerCase(Locale.ROOT);
        try (InputStream in = JvmOptions.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the class path lacks " + file);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> List.of(line.split(" ")).stream())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
