package dev.respec.ops.ui;

import dev.respec.model.TextTokenizer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The text of single tokens, by the tokenizer that the run's policy has. Thread-safe. */
final class RunTokens implements AutoCloseable {
    private final RunHome home;
    private final Map<Integer, String> pieces = new HashMap<>();
    private @Nullable TextTokenizer tokenizer;
    private boolean opened;

    RunTokens(RunHome home) {
        this.home = home;
    }

    /** Null if the tokenizer is not at hand. */
    synchronized @Nullable String piece(int token) {
        if (!opened) {
            opened = true;
            tokenizer = home.tokenizer().orElse(null);
        }
        TextTokenizer known = tokenizer;
        return known == null ? null : pieces.computeIfAbsent(token, id -> known.decode(new int[] {id}));
    }

    @Override
    public synchronized void close() {
        if (tokenizer != null) {
            tokenizer.close();
            tokenizer = null;
        }
    }
}
