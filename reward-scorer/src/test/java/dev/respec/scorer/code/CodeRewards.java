package dev.respec.scorer.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.RewardSection.Code;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The code reward on this machine, or a skipped test that says what the machine lacks. */
public final class CodeRewards {
    private static final String SYSTEM_PYTHON = "/usr/bin/python3";

    private CodeRewards() {}

    /** Settings that switch the reward on with an interpreter that every user can read. */
    public static List<String> settings(String... more) {
        var settings = new ArrayList<>(List.of("reward.code.enabled=true"));
        if (Files.isExecutable(Path.of(SYSTEM_PYTHON))) {
            settings.add("reward.code.python=" + SYSTEM_PYTHON);
        }
        settings.addAll(List.of(more));
        return settings;
    }

    static Code config(String... more) {
        return RespecConfig.load(null, Map.of(), settings(more)).reward().code();
    }

    public static CodeReward onThisMachine(String... more) {
        try {
            return CodeReward.of(config(more));
        } catch (RewardFunctionException e) {
            assumeTrue(false, "skipped on this machine: " + e.getMessage());
            throw e;
        }
    }

    /** Of a response that is the program. */
    static Reward score(CodeReward reward, String program, Map<String, String> metadata) {
        return reward.score(new ScoringInput("", program, "", FinishReason.STOP, metadata));
    }

    /** Whether every process of every program has ended, whoever its parent is by now. */
    static void assertNothingIsLeft() {
        Awaitility.await().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            assertThat(processes()).isEmpty();
            assertThat(ProcessHandle.current().descendants()).isEmpty();
        });
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(files).noneMatch(file -> file.getFileName().toString().startsWith("respec-code-"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Command lines of programs: their interpreters have them, and so have their children. */
    private static List<String> processes() {
        try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
            return processes
                    .filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .map(process -> read(process.resolve("cmdline")))
                    .filter(command -> command.contains("sources = json.loads")
                            || command.contains("/program/")
                            || command.contains("respec-sandbox")
                            || command.contains("respec-code-"))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException | java.io.UncheckedIOException e) {
            return ""; // it has ended
        }
    }
}
