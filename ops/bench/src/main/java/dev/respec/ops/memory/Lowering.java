package dev.respec.ops.memory;

import dev.respec.stage.config.RespecConfig;
import java.util.List;
import java.util.stream.Stream;

/**
 * A setting with a value that takes less memory than its default.
 *
 * @param key of the configuration
 * @param value lower than the default; of {@link #KEY_VALUES} the part of full capacity in every slot, as 1/2
 */
record Lowering(String key, String value) {
    private static final String KEY_VALUES = "worker.key-value-megabytes";

    /** Cost little time: a plan makes them to leave room for the caches of files. In the order in which they are made. */
    static final List<Lowering> CHEAP = List.of(
            new Lowering("trainer.micro-batch-tokens", "1280"),
            new Lowering("trainer.gradient-checkpointing", "true"),
            new Lowering("worker.slots", "16"));

    /** Made only if nothing else helps. */
    static final List<Lowering> LAST = List.of(
            new Lowering("trainer.micro-batch-tokens", "768"),
            new Lowering(KEY_VALUES, "1/2"),
            new Lowering(KEY_VALUES, "1/4"),
            new Lowering("worker.slots", "8"),
            new Lowering("worker.slots", "4"));

    /** Those that a stage can make. */
    static List<Lowering> of(String stage) {
        return Stream.concat(CHEAP.stream(), LAST.stream())
                .filter(lowering -> lowering.key().startsWith(stage + "."))
                .toList();
    }

    /** @param sizes of the models of the configuration that is lowered */
    String setting(StageSizes sizes, RespecConfig config) {
        return key + "="
                + (key.equals(KEY_VALUES)
                        ? sizes.keyValueMegabytes(config, Integer.parseInt(value.substring(2)))
                        : value);
    }

    /** Whether the user left the setting at its default. */
    boolean isAllowed(RespecConfig config) {
        return current(config).equals(current(RespecConfig.defaults()));
    }

    /** Whether a setting made before is this one with another value. */
    boolean replaces(String setting) {
        return setting.startsWith(key + "=");
    }

    private Object current(RespecConfig config) {
        return switch (key) {
            case "trainer.micro-batch-tokens" -> config.trainer().microBatchTokens();
            case "trainer.gradient-checkpointing" -> config.trainer().gradientCheckpointing();
            case "worker.slots" -> config.worker().slots();
            case KEY_VALUES -> config.worker().keyValueMegabytes();
            default -> throw new IllegalStateException(key);
        };
    }
}
