package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.kernels.Torch;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.model.suffix.SuffixDrafterConfig;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A vocabulary so large that the threads which compute the logits share out the verification of a batch. */
class SharedVerificationTest {
    private static final int SEQUENCES = 16;
    private static final int MOST_TOKENS = 12;
    private static final int VOCABULARY = 40_000;
    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 2, 2, 1, 64, List.of(0)), 3, 0.4, 1);

    @AfterEach
    void oneThread() {
        Torch.useThreads(1);
    }

    /** One sequence alone is verified by the engine's thread; logits in machine code are the same bits at any batch. */
    @ParameterizedTest
    @CsvSource({"0, 1, 0", "1, 1, 0", "1, 0.9, 0", "0.7, 0.8, 20"})
    void shouldEmitWhatOneThreadEmits(double temperature, double topP, int topK) {
        assumeTrue(TargetModel.runsInMachineCode(POLICY.config()));
        var sampling = new SamplingOptions(temperature, topP, topK);
        Map<String, CompletedSequence> expected = run(sampling, 1, 1, SettingTable.plain());
        SettingTable drafted = SettingTable.always(Setting.chain(SuffixDrafting.NAME, 3));
        for (SettingTable table : List.of(SettingTable.plain(), drafted)) {
            Map<String, CompletedSequence> actual = run(sampling, 8, 3, table);
            assertThat(actual).hasSize(SEQUENCES);
            expected.forEach((id, sequence) -> {
                CompletedSequence shared = Objects.requireNonNull(actual.get(id), id);
                assertThat(shared.response()).as(id).isEqualTo(sequence.response());
                assertThat(shared.logProbabilities()).as(id).isEqualTo(sequence.logProbabilities());
            });
        }
    }

    private static Map<String, CompletedSequence> run(
            SamplingOptions sampling, int slots, int threads, SettingTable table) {
        Torch.useThreads(threads);
        TargetModel target = TargetModel.load(POLICY, slots, 64, ComputeType.BFLOAT16, new int[0]);
        try (var engine = new GenerationEngine(
                target,
                List.of(new SuffixDrafting(new SuffixDrafter(SuffixDrafterConfig.defaults()))),
                List.of(0),
                new StepStatistics(List.of(8)))) {
            engine.use(table);
            for (int i = 0; i < SEQUENCES; i++) {
                // a prompt that repeats itself, so that a suffix drafter proposes something
                int[] prompt = {5, 6, 7, 5, 6, 7, 5, 6, 7 + i % 2};
                engine.submit(PagedEngines.request(i, prompt, sampling, MOST_TOKENS));
            }
            return PagedEngines.finish(engine);
        }
    }
}
