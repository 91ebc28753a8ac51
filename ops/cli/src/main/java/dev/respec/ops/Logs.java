package dev.respec.ops;

import dev.respec.ops.cluster.Stages;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sets the log level before the first logger exists. Stages log what they do, interactive commands errors only. */
final class Logs {
    private static final String LEVEL = "org.slf4j.simpleLogger.defaultLogLevel";
    private static final Set<String> LEVELS = Set.of("trace", "debug", "info", "warn", "error", "off");
    private static final Set<String> TALKATIVE_COMMANDS = Set.of("broker", "pretrain");

    private Logs() {}

    static void configure(@Nullable String level, String[] arguments) {
        if (System.getProperty(LEVEL) != null) {
            return;
        }
        String wanted = level == null ? "" : level.toLowerCase(Locale.ROOT);
        boolean talkative = Arrays.stream(arguments)
                .findFirst()
                .map(command -> Stages.contains(command) || TALKATIVE_COMMANDS.contains(command))
                .orElse(false);
        System.setProperty(LEVEL, LEVELS.contains(wanted) ? wanted : talkative ? "info" : "error");
    }
}
