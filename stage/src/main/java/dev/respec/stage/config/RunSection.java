package dev.respec.stage.config;

import java.nio.file.Path;

public record RunSection(String id, long seed, int steps, Path dataDir) {
    public RunSection {
        InvalidValue.atLeast(0, "steps", steps);
    }
}
