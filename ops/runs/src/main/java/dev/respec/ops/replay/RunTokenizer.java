package dev.respec.ops.replay;

import dev.respec.model.TextTokenizer;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the tokenizer that a run's policy has. */
public final class RunTokenizer {
    private RunTokenizer() {}

    /**
     * The named one, else that of the data folder's first policy, else that of {@code model.policy}; empty if none of
     * these is here.
     */
    public static Optional<TextTokenizer> open(@Nullable Path named, RunAccess access, RespecConfig config) {
        if (named != null) {
            return Optional.of(TextTokenizer.open(named));
        }
        if (access.localRun().isPresent() && has(access.folder().initialPolicy())) {
            return Optional.of(TextTokenizer.open(access.folder().initialPolicy()));
        }
        return ofPolicy(config);
    }

    /** That of {@code model.policy}; empty if it is not here. */
    public static Optional<TextTokenizer> ofPolicy(RespecConfig config) {
        String policy = config.model().policy();
        Path folder = policy.startsWith("builtin:")
                ? Installation.current().models().resolve(policy.substring("builtin:".length()))
                : Path.of(policy);
        return has(folder) ? Optional.of(TextTokenizer.open(folder)) : Optional.empty();
    }

    private static boolean has(Path folder) {
        return Files.isRegularFile(folder.resolve("tokenizer.json"));
    }
}
