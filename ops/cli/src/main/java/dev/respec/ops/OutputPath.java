package dev.respec.ops;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a command writes: {@code -} is standard output, as with other tools. */
final class OutputPath {
    private OutputPath() {}

    static boolean isStandardOutput(@Nullable Path path) {
        return path != null && path.toString().equals("-");
    }

    /** The file to write; empty for standard output, be it asked for by {@code -} or by leaving the path out. */
    static Optional<Path> file(@Nullable Path path) {
        return isStandardOutput(path) ? Optional.empty() : Optional.ofNullable(path);
    }
}
