package dev.respec.generation.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.DeviceTargets;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.model.suffix.SuffixDrafterConfig;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A target that draws from its rows itself emits what an engine that reads its logits emits from the same random numbers. */
class SampledByTheTargetTest {
    private static final int VOCABULARY = 1500;
    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, 96, List.of(0)), 3, 0.4, 1);
    private static final int SEQUENCES = 9;
    private static final int TOKENS = 30;

    @ParameterizedTest
    @CsvSource({
        "off, 0, 0",
        "off, 0, 0.9",
        "suffix, 4, 0",
        "suffix, 4, 0.9",
        "eagle3, 3, 0",
        "eagle3, 3, 0.9",
        "eagle3, 3x2/6, 0.9"
    })
    void shouldEmitWhatIsReadFromLogits(String drafter, String shape, double temperature) {
        SettingTable table = drafter.equals("off")
                ? SettingTable.plain()
                : SettingTable.always(
                        shape.contains("x")
                                ? Setting.tree(drafter, shape)
                                : Setting.chain(drafter, Integer.parseInt(shape)));
        SamplingOptions sampling = SamplingOptions.atTemperature(temperature);
        Map<String, CompletedSequence> expected = run(host(), SettingTable.plain(), sampling);
        Map<String, CompletedSequence> actual = run(device(), table, sampling);

        assertThat(actual).hasSameSizeAs(expected);
        expected.forEach((id, sequence) -> {
            assertThat(requireNonNull(actual.get(id)).response()).as(id).isEqualTo(sequence.response());
            assertThat(requireNonNull(actual.get(id)).logProbabilities())
                    .as(id)
                    .containsExactly(sequence.logProbabilities(), within(1e-4f));
        });
    }

    /** What is cut from a distribution is cut on the host: such rows come back as logits. */
    @ParameterizedTest
    @CsvSource({"0.9, 0", "1, 40"})
    void shouldReadLogitsWhereTheyAreFiltered(double topP, int topK) {
        SamplingOptions sampling = new SamplingOptions(0.9, topP, topK);
        Map<String, CompletedSequence> expected = run(host(), SettingTable.plain(), sampling);
        run(device(), SettingTable.always(Setting.chain("suffix", 4)), sampling)
                .forEach((id, sequence) -> assertThat(sequence.response())
                        .as(id)
                        .isEqualTo(requireNonNull(expected.get(id)).response()));
    }

    private static Map<String, CompletedSequence> run(
            TargetModel target, SettingTable table, SamplingOptions sampling) {
        Eagle3Config config = Eagle3Config.forTarget(POLICY.config());
        Eagle3Checkpoint drafter = Eagle3Checkpoint.random(
                config, IntStream.range(0, VOCABULARY).toArray(), POLICY.tensor("model.embed_tokens.weight"), 9);
        Eagle3Drafter eagle3 = Eagle3Drafter.load(
                drafter, drafter.embeddings(POLICY), ComputeType.FLOAT32, target.slots(), target.capacity());
        List<Drafter> drafters = List.of(
                new SuffixDrafting(new SuffixDrafter(new SuffixDrafterConfig(16, 16, 8))),
                new Eagle3Drafting(target, eagle3, 0, 17));
        Map<String, CompletedSequence> done = new TreeMap<>();
        try (GenerationEngine engine = new GenerationEngine(
                target, drafters, POLICY.config().stopTokens(), new StepStatistics(List.of(1, 4)), DraftLength.FIXED)) {
            engine.use(table);
            for (int i = 0; i < SEQUENCES; i++) {
                // prompts of different lengths, so that rows of a step do not stand side by side
                int[] prompt = IntStream.rangeClosed(1, 2 + i % 3).toArray();
                engine.submit(new SequenceRequest(
                        "r" + i, "p" + i % 3, prompt, sampling, TOKENS, new SplittableRandomStream(23, i)));
            }
            while (!engine.idle()) {
                engine.step().forEach(sequence -> done.put(sequence.request().id(), sequence));
            }
        }
        return done;
    }

    private static TargetModel host() {
        return TargetModel.load(POLICY, 4, 96, ComputeType.FLOAT32, features());
    }

    private static TargetModel device() {
        return DeviceTargets.load(POLICY, 4, 96, ComputeType.FLOAT32, features());
    }

    private static int[] features() {
        return Eagle3Config.forTarget(POLICY.config()).featureLayers(POLICY.config());
    }
}
