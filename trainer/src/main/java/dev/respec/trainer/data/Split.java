package dev.respec.trainer.data;

import java.util.Optional;

/** What a prompt is for. */
public enum Split {
    TRAIN,
    EVALUATION;

    /** Reads the {@code split} field of a data line; empty if the name is unknown. */
    static Optional<Split> named(String name) {
        return switch (name) {
            case "train" -> Optional.of(TRAIN);
            case "evaluation", "eval", "validation", "dev", "test" -> Optional.of(EVALUATION);
            default -> Optional.empty();
        };
    }
}
