package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayDraftingTest {
    private static final int STOP = 0;
    private static final int SEQUENCES = 24;
    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(5, 16, 32, 8, 2, 1, 96, List.of(STOP)), 3, 0.4, 1);
    private static final int[] PROMPT = {1, 2, 3};

    /** Every draft is accepted in full: L tokens take L / (γ + 1) verify steps, rounded up. */
    @ParameterizedTest
    @CsvSource({"0, 1", "0, 4", "0.6, 3", "1, 1", "1, 4", "1, 16"})
    void shouldAcceptEverythingAndEmitWhatPlainDecodingEmits(double temperature, int length) {
        var sampling = SamplingOptions.atTemperature(temperature);
        List<CompletedSequence> plain = run(SettingTable.plain(), sampling, List.of(), SequenceRequest::id);

        List<CompletedSequence> replayed = run(chain(length), sampling, plain, SequenceRequest::id);

        Map<String, int[]> expected = responses(plain);
        assertThat(replayed).hasSize(SEQUENCES).allSatisfy(sequence -> {
            int[] response = sequence.response();
            assertThat(response).isEqualTo(expected.get(sequence.request().id()));
            assertThat(sequence.verifySteps()).isEqualTo((response.length + length) / (length + 1));
        });
    }

    @Test
    void shouldStayExactWhenItReplaysAnotherSequence() {
        var sampling = SamplingOptions.atTemperature(1);
        List<CompletedSequence> plain = run(SettingTable.plain(), sampling, List.of(), SequenceRequest::id);

        List<CompletedSequence> replayed = run(chain(4), sampling, plain, request -> "r0");

        Map<String, int[]> expected = responses(plain);
        assertThat(replayed)
                .allSatisfy(sequence -> assertThat(sequence.response())
                        .isEqualTo(expected.get(sequence.request().id())));
        assertThat(replayed.stream().mapToInt(CompletedSequence::draftedTokens).sum())
                .isGreaterThan(replayed.stream()
                        .mapToInt(CompletedSequence::acceptedDraftTokens)
                        .sum());
    }

    private static SettingTable chain(int length) {
        return SettingTable.always(Setting.chain(ReplayDrafting.NAME, length));
    }

    private static List<CompletedSequence> run(
            SettingTable table,
            SamplingOptions sampling,
            List<CompletedSequence> recorded,
            Function<SequenceRequest, String> identity) {
        var drafting = new ReplayDrafting(identity);
        drafting.replay(recorded);
        TargetModel target = TargetModel.load(POLICY, 8, 96, ComputeType.FLOAT32, new int[0]);
        try (var engine =
                new GenerationEngine(target, List.of(drafting), List.of(STOP), new StepStatistics(List.of(8)))) {
            engine.use(table);
            for (int i = 0; i < SEQUENCES; i++) {
                engine.submit(
                        new SequenceRequest("r" + i, "p", PROMPT, sampling, 30, new SplittableRandomStream(23, i)));
            }
            List<CompletedSequence> done = new ArrayList<>();
            while (!engine.idle()) {
                done.addAll(engine.step());
            }
            return done;
        }
    }

    private static Map<String, int[]> responses(List<CompletedSequence> sequences) {
        Map<String, int[]> byId = new HashMap<>();
        sequences.forEach(sequence -> byId.put(sequence.request().id(), sequence.response()));
        return byId;
    }
}
