package dev.respec.ops.replay;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * A statement kept beside this class, in {@code tables/} or {@code queries/}.
 *
 * @param description its first line, a comment
 */
record SqlText(String name, String description, String statement) {
    /** Named queries, as {@code respec query --list} shows them. */
    static final List<String> QUERIES = List.of(
            "worst-prompts",
            "acceptance-by-version",
            "acceptance-by-position",
            "token-origins",
            "token-origins-by-drafter",
            "staleness",
            "longest",
            "rewards",
            "reward-parts",
            "worker-output",
            "settings-by-batch",
            "measured-gains",
            "dropped",
            "sampling",
            "waiting",
            "idle-workers");

    /** A query of {@link #QUERIES}. */
    static Optional<SqlText> query(String name) {
        return QUERIES.contains(name) ? read("queries", name) : Optional.empty();
    }

    /** Empty if there is none of the name. */
    static Optional<SqlText> read(String folder, String name) {
        try (InputStream file = SqlText.class.getResourceAsStream(folder + "/" + name + ".sql")) {
            if (file == null) {
                return Optional.empty();
            }
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            int end = text.indexOf('\n');
            return Optional.of(new SqlText(
                    name,
                    text.substring(0, end).replaceFirst("^--\\s*", ""),
                    text.substring(end + 1).strip()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
