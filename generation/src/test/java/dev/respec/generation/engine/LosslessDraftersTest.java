package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.sampling.ChainLimit;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.model.suffix.SuffixDrafterConfig;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The project's own drafters in the engine: what is emitted does not depend on them. */
class LosslessDraftersTest {
    private static final int VOCABULARY = 5;
    private static final int STOP = 0;
    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, 96, List.of(STOP)), 3, 0.4, 1);
    private static final Checkpoint SMALLER =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 8, 16, 2, 1, 1, 96, List.of(STOP)), 5, 0.4, 1);
    private static final int[] PROMPT = {1, 2, 3};

    @ParameterizedTest
    @CsvSource({
        "suffix, 2",
        "suffix, 6",
        "eagle3, 1",
        "eagle3, 3",
        "eagle3, 6",
        "eagle3, 3x2/6",
        "eagle3, 5x4/20",
        "model, 1",
        "model, 4"
    })
    void shouldEmitTheGreedyTokensOfPlainDecoding(String drafter, String shape) {
        Map<String, int[]> plain = responses(run(SettingTable.plain(), SamplingOptions.greedy(), 12, 30));
        Map<String, int[]> drafted =
                responses(run(SettingTable.always(setting(drafter, shape)), SamplingOptions.greedy(), 12, 30));
        assertThat(drafted).hasSameSizeAs(plain);
        plain.forEach((id, tokens) -> assertThat(drafted.get(id)).as(id).isEqualTo(tokens));
    }

    /** Sampled drafts must leave the joint distribution of the first tokens what the policy says it is. */
    @ParameterizedTest
    @CsvSource({
        "suffix, 3, FLOAT32",
        "eagle3, 1, FLOAT32",
        "eagle3, 3, FLOAT32",
        "eagle3, 2x3/8, FLOAT32",
        "model, 3, FLOAT32",
        "suffix, 3, BFLOAT16",
        "eagle3, 4, BFLOAT16",
        "eagle3, 2x3/8, BFLOAT16"
    })
    void shouldSampleTheDistributionOfThePolicy(String drafter, String shape, ComputeType type) {
        int samples = 6_000;
        List<CompletedSequence> sequences =
                run(SettingTable.always(setting(drafter, shape)), SamplingOptions.atTemperature(1), samples, 3, type);
        assertDistribution(sequences, jointOfThree(type));
        assertThat(sequences.stream().mapToInt(CompletedSequence::draftedTokens).sum())
                .isPositive();
    }

    private static void assertDistribution(List<CompletedSequence> sequences, Map<List<Integer>, Double> exact) {
        int samples = sequences.size();
        Map<List<Integer>, Double> seen = new HashMap<>();
        for (CompletedSequence sequence : sequences) {
            seen.merge(IntStream.of(sequence.response()).boxed().toList(), 1.0 / samples, Double::sum);
        }
        double distance = 0;
        for (var outcome : exact.entrySet()) {
            distance += Math.abs(outcome.getValue() - seen.getOrDefault(outcome.getKey(), 0.0)) / 2;
        }
        assertThat(exact.keySet()).containsAll(seen.keySet());
        // noise alone gives about 0.4 * sqrt(outcomes / samples); three times that is safe
        assertThat(distance).isLessThan(1.2 * Math.sqrt(exact.size() / (double) samples));
    }

    /** Chains that end where the drafter is unsure, each sequence's elsewhere. */
    @ParameterizedTest
    @CsvSource({
        "eagle3, 6, FLOAT32",
        "eagle3, 6, BFLOAT16",
        "model, 5, FLOAT32",
    })
    void shouldEmitTheSameWhereverChainsEnd(String drafter, int length, ComputeType type) {
        SettingTable table = SettingTable.always(Setting.chain(drafter, length));
        Map<String, int[]> plain =
                responses(run(SettingTable.plain(), SamplingOptions.greedy(), 12, 30, type, ChainLimit.NONE));
        responses(run(table, SamplingOptions.greedy(), 12, 30, type, endingWhereUnsure()))
                .forEach((id, tokens) -> assertThat(tokens).as(id).isEqualTo(plain.get(id)));

        int samples = 6_000;
        List<CompletedSequence> full = run(table, SamplingOptions.atTemperature(1), samples, 3, type, ChainLimit.NONE);
        List<CompletedSequence> limited =
                run(table, SamplingOptions.atTemperature(1), samples, 3, type, endingWhereUnsure());
        assertDistribution(limited, jointOfThree(type));
        int drafted =
                limited.stream().mapToInt(CompletedSequence::draftedTokens).sum();
        int draftedInFull =
                full.stream().mapToInt(CompletedSequence::draftedTokens).sum();
        assertThat(drafted).isBetween(draftedInFull / 10, draftedInFull * 9 / 10);
    }

    /** Ends a chain below the mean confidence of earlier calls, and all of them now and then. */
    private static ChainLimit endingWhereUnsure() {
        double[] sumAndCount = {0.25, 1};
        return (position, confidences, goesOn) -> {
            double threshold = sumAndCount[0] / sumAndCount[1];
            for (int i = 0; i < goesOn.length; i++) {
                if (goesOn[i]) {
                    sumAndCount[0] += confidences[i];
                    sumAndCount[1]++;
                    goesOn[i] = confidences[i] > threshold;
                }
            }
            return sumAndCount[1] % 5 != 0;
        };
    }

    /** A tree that was not sampled uses one random number an emitted token, as plain decoding does. */
    @ParameterizedTest
    @CsvSource({"eagle3, 3x2/5", "eagle3, 4x5/24"})
    void shouldDrawWithTreesWhatPlainDecodingDraws(String drafter, String shape) {
        List<CompletedSequence> sequences =
                run(SettingTable.always(setting(drafter, shape)), SamplingOptions.atTemperature(1), 24, 30);
        Map<String, int[]> plain = responses(run(SettingTable.plain(), SamplingOptions.atTemperature(1), 24, 30));
        responses(sequences).forEach((id, tokens) -> assertThat(tokens).as(id).isEqualTo(plain.get(id)));
        assertThat(sequences.stream()
                        .mapToInt(CompletedSequence::acceptedDraftTokens)
                        .sum())
                .isPositive();
    }

    private static Setting setting(String drafter, String shape) {
        return shape.contains("x") ? Setting.tree(drafter, shape) : Setting.chain(drafter, Integer.parseInt(shape));
    }

    @Test
    void shouldComeBackToTheNeuralDrafterAfterPlainSteps() {
        try (GenerationEngine engine = engine(8, ComputeType.FLOAT32)) {
            for (int i = 0; i < 8; i++) {
                engine.submit(request(i, SamplingOptions.greedy(), 40));
            }
            List<CompletedSequence> done = new ArrayList<>();
            Setting[] turns = {
                Setting.OFF,
                Setting.chain("eagle3", 2),
                Setting.tree("eagle3", "3x3/9"),
                Setting.chain("suffix", 4),
                Setting.chain("model", 3)
            };
            for (int step = 0; !engine.idle(); step++) {
                engine.use(SettingTable.always(turns[step / 3 % turns.length]));
                done.addAll(engine.step());
            }
            Map<String, int[]> plain = responses(run(SettingTable.plain(), SamplingOptions.greedy(), 8, 40));
            responses(done).forEach((id, tokens) -> assertThat(tokens).as(id).isEqualTo(plain.get(id)));
        }
    }

    /** By enumeration: the probability of every sequence of at most three tokens that ends with a stop or the third. */
    private static Map<List<Integer>, Double> jointOfThree(ComputeType type) {
        Map<List<Integer>, Double> joint = new HashMap<>();
        try (TargetModel target = TargetModel.load(POLICY, 1, 16, type, new int[0])) {
            extend(target, List.of(), 1, joint);
        }
        return joint;
    }

    private static void extend(
            TargetModel target, List<Integer> prefix, double probability, Map<List<Integer>, Double> joint) {
        TokenGrid grid = new TokenGrid();
        grid.begin(0);
        grid.add(PROMPT, 0, PROMPT.length);
        prefix.forEach(grid::add);
        double[] row = softmax(target.step(0, grid).row(PROMPT.length + prefix.size() - 1));
        for (int token = 0; token < VOCABULARY; token++) {
            List<Integer> longer = new ArrayList<>(prefix);
            longer.add(token);
            if (token == STOP || longer.size() == 3) {
                joint.put(longer, probability * row[token]);
            } else {
                extend(target, longer, probability * row[token], joint);
            }
        }
    }

    private static double[] softmax(float[] logits) {
        double sum = 0;
        double[] row = new double[logits.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = Math.exp(logits[i]);
            sum += row[i];
        }
        for (int i = 0; i < row.length; i++) {
            row[i] /= sum;
        }
        return row;
    }

    private static List<CompletedSequence> run(SettingTable table, SamplingOptions sampling, int count, int maxTokens) {
        return run(table, sampling, count, maxTokens, ComputeType.FLOAT32);
    }

    private static List<CompletedSequence> run(
            SettingTable table, SamplingOptions sampling, int count, int maxTokens, ComputeType type) {
        return run(table, sampling, count, maxTokens, type, ChainLimit.NONE);
    }

    private static List<CompletedSequence> run(
            SettingTable table,
            SamplingOptions sampling,
            int count,
            int maxTokens,
            ComputeType type,
            ChainLimit limit) {
        try (GenerationEngine engine = engine(Math.min(count, 64), type, limit)) {
            engine.use(table);
            for (int i = 0; i < count; i++) {
                engine.submit(request(i, sampling, maxTokens));
            }
            List<CompletedSequence> done = new ArrayList<>();
            while (!engine.idle()) {
                done.addAll(engine.step());
            }
            return done;
        }
    }

    private static SequenceRequest request(int index, SamplingOptions sampling, int maxTokens) {
        return new SequenceRequest(
                "r" + index, "p", PROMPT, sampling, maxTokens, new SplittableRandomStream(23, index));
    }

    private static GenerationEngine engine(int slots, ComputeType type) {
        return engine(slots, type, ChainLimit.NONE);
    }

    private static GenerationEngine engine(int slots, ComputeType type, ChainLimit limit) {
        Eagle3Config config = Eagle3Config.forTarget(POLICY.config());
        Eagle3Checkpoint drafter = Eagle3Checkpoint.random(
                config, IntStream.range(0, VOCABULARY).toArray(), POLICY.tensor("model.embed_tokens.weight"), 9);
        TargetModel target = TargetModel.load(POLICY, slots, 96, type, config.featureLayers(POLICY.config()));
        Eagle3Drafter model = Eagle3Drafter.load(drafter, drafter.embeddings(POLICY), type, slots, 96);
        return new GenerationEngine(
                target,
                List.of(
                        new SuffixDrafting(new SuffixDrafter(SuffixDrafterConfig.defaults())),
                        new Limited(new Eagle3Drafting(target, model, 0, 4), limit),
                        new Limited(
                                new ModelDrafting(TargetModel.load(SMALLER, slots, 96, type, new int[0]), 6), limit)),
                List.of(STOP),
                new StepStatistics(List.of(1, 8, 64)));
    }

    private static Map<String, int[]> responses(List<CompletedSequence> sequences) {
        Map<String, int[]> byId = new HashMap<>();
        sequences.forEach(sequence -> byId.put(sequence.request().id(), sequence.response()));
        return byId;
    }

    /** A drafter whose chains end where a test wants it. */
    private record Limited(Drafter drafter, ChainLimit limit) implements Drafter {
        @Override
        public String name() {
            return drafter.name();
        }

        @Override
        public void begin(Sequence sequence, int slot) {
            drafter.begin(sequence, slot);
        }

        @Override
        public void moveSlot(int from, int to) {
            drafter.moveSlot(from, to);
        }

        @Override
        public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
            drafts.limitBy(limit);
            drafter.draft(active, setting, drafts);
        }

        @Override
        public void close() {
            drafter.close();
        }
    }
}
