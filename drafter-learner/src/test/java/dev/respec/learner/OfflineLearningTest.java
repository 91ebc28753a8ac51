package dev.respec.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.PolicySpan;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutTimings;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SpeculationSummary;
import dev.respec.schemas.TrustedEvents;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineLearningTest {
    static {
        TrustedEvents.trust();
    }

    @TempDir
    Path folder;

    @Test
    void shouldGiveTheSameDrafterToTheBitAndABetterOne() {
        // When
        var first = learn(folder.resolve("first"), 160);
        var second = learn(folder.resolve("second"), 160);

        // Then
        assertThat(folder.resolve("first/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("second/model.safetensors"));
        assertThat(second).isEqualTo(first);
        assertThat(first)
                .hasSizeGreaterThan(3)
                .extracting(OfflineLearning.Round::round)
                .startsWith(1L, 2L, 3L);
        var last = first.get(first.size() - 1);
        assertThat(last.loss()).isLessThan(first.get(0).loss());
        assertThat(last.version()).isPositive();
    }

    @Test
    void shouldSayThatNothingIsHeldOut() {
        assertThatThrownBy(() -> learn(folder.resolve("few"), 1))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("no rollout is held out");
    }

    private static List<OfflineLearning.Round> learn(Path output, int rollouts) {
        var config = RespecConfig.defaults()
                .withOverrides(List.of(
                        "learner.batch-rollouts=16",
                        "learner.buffer-rollouts=128",
                        "learner.hold-out-fraction=0.2",
                        "learner.learning-rate=0.01"));
        var policy = TinyModels.policy(1);
        var rounds = new ArrayList<OfflineLearning.Round>();
        try (var learning = new OfflineLearning(config, policy, TinyModels.drafter(policy, 2), 32)) {
            var sequences = TinyModels.sequences(rollouts, 3);
            for (int i = 0; i < rollouts; i++) {
                learning.add(scored(i, sequences.get(i))).ifPresent(rounds::add);
            }
            learning.finish().ifPresent(rounds::add);
            learning.drafter().write(output);
        }
        return rounds;
    }

    private static Event<ScoredRollout> scored(int index, TokenSequence tokens) {
        var id = "run/" + (index + 1);
        int length = tokens.response().length;
        var rollout = Rollout.newBuilder()
                .setRunId("run")
                .setRequestId(id)
                .setRolloutId(id + "/0")
                .setSampleIndex(0)
                .setGroupSize(1)
                .setPromptId("p")
                .setWorkerId("w")
                .setTask("t")
                .setAnswer("a")
                .setPrompt("")
                .setResponse("")
                .setPromptTokens(PackedArrays.ofInts(tokens.prompt()))
                .setResponseTokens(PackedArrays.ofInts(tokens.response()))
                .setLogProbabilities(PackedArrays.ofFloats(new float[length]))
                .setTemperature(1)
                .setPolicySpans(List.of(new PolicySpan(0L, 0, length)))
                .setAdmittedAtVersion(0)
                .setDrafterVersion(0)
                .setFinishReason(FinishReason.STOP)
                .setSpeculation(new SpeculationSummary(1, 1, 1))
                .setTimings(new RolloutTimings(Instant.EPOCH, Instant.EPOCH, 0.0, 0.0))
                .build();
        var scored = ScoredRollout.newBuilder()
                .setRunId("run")
                .setRequestId(id)
                .setRollout(rollout)
                .setReward(1)
                .setRewardParts(Map.of())
                .setRewardFunction("t")
                .setGroup(new GroupStatistics(GroupStatus.COMPLETE, 1, 1, 1.0, 0.0))
                .setAdvantage(0)
                .setScoredAt(Instant.EPOCH)
                .build();
        return new Event<>("scored-rollouts", 0, index, Instant.EPOCH, id, scored);
    }
}
