package dev.respec.ops.ui;

import dev.respec.model.TextTokenizer;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.replay.RunTokenizer;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The text of single tokens, by the tokenizer that the run's policy has. Thread-safe. */
final class RunTokens implements AutoCloseable {
    private final RunAccess access;
    private final Map<Integer, String> pieces = new HashMap<>();
    private @Nullable TextTokenizer tokenizer;
    private boolean opened;

    RunTokens(RunAccess access) {
        this.access = access;
    }

    /** Null where the tokenizer is not at hand. */
    synchronized @Nullable String piece(int token) {
        if (!opened) {
            opened = true;
            tokenizer = open().orElse(null);
        }
        TextTokenizer known = tokenizer;
        return known == null ? null : pieces.computeIfAbsent(token, id -> known.decode(new int[] {id}));
    }

    private Optional<TextTokenizer> open() {
        try {
            RespecConfig config = access.recordedConfig().orElseGet(RespecConfig::defaults);
            return RunTokenizer.open(null, access, config);
        } catch (ConfigException ofAnotherBuild) {
            return Optional.empty();
        }
    }

    @Override
    public synchronized void close() {
        if (tokenizer != null) {
            tokenizer.close();
            tokenizer = null;
        }
    }
}
