package dev.respec.scorer.child;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.Jars;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Functions that spin, exit, crash and shout, each in a process of its own. */
@Timeout(180)
class JarRewardsIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path jars;

    @AfterEach
    void noProcessIsLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(ProcessHandle.current().descendants()).isEmpty());
    }

    private void write(String name, String body) throws IOException {
        Jars.write(jars, "Reward" + name, name, "", body);
    }

    private JarRewards open(Duration timeout) {
        return new JarRewards(jars, 64, 2, timeout, Clock.systemUTC());
    }

    private static SlowReward function(JarRewards rewards, String name) {
        return rewards.functions().stream()
                .filter(function -> function.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static ScoringInput input(String response) {
        return new ScoringInput("question ä", response, "answer", FinishReason.LENGTH, Map.of("key", "value"));
    }

    @Test
    void shouldScoreAsInTheScorersOwnProcess() throws IOException {
        write(
                "whole",
                "System.out.println(\"not an answer\"); return new Reward(input.response().length(), java.util.Map.of("
                        + "\"prompt\", (double) input.prompt().length(), \"field\", input.metadata().get(\"key\").equals(\"value\") ? 1.0 : 0.0,"
                        + " \"cut\", input.finishReason().name().equals(\"LENGTH\") ? 1.0 : 0.0));");
        write("broken", "throw new IllegalStateException(\"no luck\");");
        write("nothing", "return null;");
        try (var rewards = open(LONG)) {
            assertThat(rewards.functions().stream().map(SlowReward::name).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder("whole", "broken", "nothing");
            for (int i = 0; i < 20; i++) {
                assertThat(function(rewards, "whole").score(input("x".repeat(i))))
                        .isEqualTo(new Reward(i, Map.of("prompt", 10.0, "field", 1.0, "cut", 1.0)));
            }
            assertThatThrownBy(() -> function(rewards, "broken").score(input("")))
                    .isInstanceOf(FunctionThrewException.class)
                    .hasMessage("IllegalStateException: no luck");
            assertThatThrownBy(() -> function(rewards, "nothing").score(input("")))
                    .hasMessageContaining("it returned null");
            assertThat(ProcessHandle.current().children()).hasSize(1);
        }
    }

    @Test
    void shouldEndAFunctionThatSpinsAndGoOn() throws IOException {
        write("spinning", "if (input.response().isEmpty()) { while (true) {} } return Reward.of(1);");
        try (var rewards = open(Duration.ofSeconds(3))) {
            var spinning = function(rewards, "spinning");

            assertThatThrownBy(() -> spinning.score(input("")))
                    .isInstanceOf(RewardUnavailableException.class)
                    .hasMessageContaining("'spinning' gave no reward within 3000 ms (scorer.reward-timeout)");
            assertThat(spinning.score(input("x"))).isEqualTo(Reward.of(1));
        }
    }

    @Test
    void shouldOutliveAFunctionThatEndsItsProcess() throws IOException {
        write("ending", """
                switch (input.response()) {
                    case "exit" -> System.exit(7);
                    case "halt" -> Runtime.getRuntime().halt(8);
                    case "memory" -> { var all = new java.util.ArrayList<byte[]>(); while (true) all.add(new byte[1 << 20]); }
                    default -> {}
                }
                return Reward.of(1);""");
        try (var rewards = open(LONG)) {
            var ending = function(rewards, "ending");
            long before = childId();
            assertThatThrownBy(() -> ending.score(input("exit")))
                    .isInstanceOf(RewardUnavailableException.class)
                    .hasMessage("reward function 'ending' ended its process with exit code 7");
            assertThatThrownBy(() -> ending.score(input("halt"))).hasMessageContaining("exit code 8");
            assertThatThrownBy(() -> ending.score(input("memory"))).isInstanceOf(RewardUnavailableException.class);
            assertThat(ending.score(input("good"))).isEqualTo(Reward.of(1));
            assertThat(childId()).isNotEqualTo(before);
        }
    }

    private static long childId() {
        return ProcessHandle.current().children().findFirst().orElseThrow().pid();
    }

    @Test
    void shouldRestAFunctionThatEndsProcessAfterProcess() throws IOException {
        write("ending", "System.exit(1); return null;");
        write("good", "return Reward.of(1);");
        try (var rewards = open(LONG)) {
            for (int i = 0; i < Deaths.MOST; i++) {
                assertThatThrownBy(() -> function(rewards, "ending").score(input("")))
                        .hasMessageContaining("exit code 1");
            }
            assertThatThrownBy(() -> function(rewards, "ending").score(input("")))
                    .isInstanceOf(RewardUnavailableException.class)
                    .hasMessageContaining("'ending' rests until");
            assertThat(function(rewards, "good").score(input(""))).isEqualTo(Reward.of(1));
        }
    }

    @Test
    void shouldEndTheProcessesOfAFunctionWithIt() throws IOException {
        write(
                "starting",
                "try { new ProcessBuilder(\"/bin/sleep\", \"600\").start(); } catch (java.io.IOException e) {}"
                        + " while (true) {}");
        try (var rewards = open(Duration.ofSeconds(3))) {
            assertThatThrownBy(() -> function(rewards, "starting").score(input("")))
                    .isInstanceOf(RewardUnavailableException.class);
            assertThat(ProcessHandle.allProcesses()
                            .filter(process ->
                                    process.info().commandLine().orElse("").equals("/bin/sleep 600")))
                    .isEmpty();
        }
    }

    @Test
    void shouldEndACallUnderWayWhereItIsClosed() throws Exception {
        write("spinning", "while (true) {}");
        var rewards = open(LONG);
        var call =
                CompletableFuture.runAsync(() -> function(rewards, "spinning").score(input("")));
        Awaitility.await().until(() -> ProcessHandle.current().children().count() == 1);
        Thread.sleep(500);

        rewards.close();

        assertThatThrownBy(call::join).hasCauseInstanceOf(RewardUnavailableException.class);
    }

    @Test
    void shouldRefuseAFolderAndJarsThatCannotBeUsed() throws IOException {
        assertThatThrownBy(() -> new JarRewards(jars.resolve("nowhere"), 64, 1, LONG, Clock.systemUTC()))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("scorer.reward-jars")
                .hasMessageContaining("nowhere");
        write("arithmetic", "return Reward.of(1);");
        assertThatThrownBy(() -> open(LONG))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("'arithmetic'")
                .hasMessageContaining("Rewardarithmetic.jar");
        Files.delete(jars.resolve("Rewardarithmetic.jar"));
        Jars.write(jars, "Leaving", "leaving", "public Leaving() { System.exit(3); }", "return Reward.of(1);");
        assertThatThrownBy(() -> open(LONG))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("ended while it loaded the jars");
    }
}
