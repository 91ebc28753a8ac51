package dev.respec.learner.distillation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.Eagle3Drafting;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.learner.TinyModels;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.model.training.AdamWSettings;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A drafter with a systematic error, taught from what the engine rejected. */
class ReplayLearningTest {
    private static final int LENGTH = 3;
    private static final TrainingTimeTest TEST = new TrainingTimeTest(LENGTH, 0.8);
    private static final int BATCH = 8;
    private static final int STEPS = 24;
    private static final double RATE = 1e-3;
    private static final int MOVED = 7;
    private static final int SEEDS = 5;

    /** Same batches, same number of steps: what replay adds is where the loss looks. */
    @Test
    void shouldRegainAcceptanceFasterWithReplayThanWithout() {
        var without = new double[SEEDS];
        var with = new double[SEEDS];
        int faster = 0;
        for (int i = 0; i < SEEDS; i++) {
            int seed = 1 + i;
            var before = TinyModels.policy(seed);
            var drafter = pretrained(before, seed);
            var policy = moved(before, seed);
            var text = served(policy, drafter, 20 + seed, 160);
            var heldOut = served(policy, drafter, 40 + seed, 80);
            without[i] = learned(policy, drafter, text, heldOut, 0);
            with[i] = learned(policy, drafter, text, heldOut, 4);
            faster += with[i] > without[i] ? 1 : 0;
        }
        String lengths = "without " + Arrays.toString(without) + ", with " + Arrays.toString(with);
        assertThat(faster).as(lengths).isGreaterThanOrEqualTo(SEEDS - 1);
        assertThat(Arrays.stream(with).sum())
                .as(lengths)
                .isGreaterThan(Arrays.stream(without).sum());
    }

    /** Acceptance length on the held-out text after training. */
    private static double learned(
            Checkpoint policy,
            Eagle3Checkpoint drafter,
            List<TokenSequence> text,
            List<TokenSequence> heldOut,
            double weight) {
        var random = new Random(5);
        try (var distiller = Distiller.load(policy, drafter, TEST, 1)) {
            for (int step = 0; step < STEPS; step++) {
                var drawn = Replay.draw(text, BATCH, LENGTH, random.nextDouble());
                var replay = weight == 0 ? Replay.NONE : new Replay(weight, drawn);
                distiller.train(batch(text, step, BATCH), ones(BATCH), replay, settings(RATE));
            }
            return distiller.evaluate(heldOut).acceptanceLength();
        }
    }

    private static List<TokenSequence> batch(List<TokenSequence> text, int step, int size) {
        return IntStream.range(step * size, (step + 1) * size)
                .mapToObj(i -> text.get(i % text.size()))
                .toList();
    }

    private static Eagle3Checkpoint pretrained(Checkpoint policy, int seed) {
        var blank = TinyModels.drafter(policy, 100 + seed);
        var text = served(policy, blank, seed, 200);
        try (var distiller = Distiller.load(policy, blank, TEST, 1)) {
            for (int step = 0; step < 300; step++) {
                distiller.train(batch(text, step, 20), ones(20), settings(step < 200 ? 1e-2 : 2e-3));
            }
            return distiller.candidate();
        }
    }

    /** It now reads one token as another: what it says behind that token is new. */
    private static Checkpoint moved(Checkpoint policy, int seed) {
        var tensors = new HashMap<>(policy.tensors());
        var name = "model.embed_tokens.weight";
        var embeddings = policy.tensor(name);
        float[] values = embeddings.toFloats();
        int width = values.length / TinyModels.VOCABULARY;
        var random = new Random(seed);
        for (int i = 0; i < width; i++) {
            values[MOVED * width + i] += 0.5f * (float) random.nextGaussian();
        }
        tensors.put(name, HostTensor.ofFloats(values, embeddings.shape()));
        return new Checkpoint(policy.config(), tensors);
    }

    /** Responses by the engine with drafts, and which of them it rejected. */
    private static List<TokenSequence> served(Checkpoint policy, Eagle3Checkpoint drafter, int seed, int count) {
        var random = new Random(seed);
        var responses = new ArrayList<TokenSequence>();
        try (var engine = engine(policy, drafter)) {
            engine.use(SettingTable.always(Setting.chain("eagle3", LENGTH)));
            for (int i = 0; i < count; i++) {
                engine.submit(new SequenceRequest(
                        "r" + i,
                        "p" + i,
                        random.ints(3, 1, TinyModels.VOCABULARY).toArray(),
                        SamplingOptions.atTemperature(1),
                        30,
                        new SplittableRandomStream(seed, i)));
            }
            while (!engine.idle()) {
                engine.step().stream()
                        .filter(each -> each.response().length > 1)
                        .forEach(each -> responses.add(sequence(each)));
            }
        }
        return responses;
    }

    private static TokenSequence sequence(CompletedSequence completed) {
        var reader = new RejectedDrafts.Reader();
        for (var span : completed.origins()) {
            switch (span.origin()) {
                case DRAFTED -> reader.accepted(span.tokenCount());
                case RECOVERED -> reader.recovered(span.tokenCount());
                default -> reader.others(span.tokenCount());
            }
        }
        return new TokenSequence(completed.request().prompt(), completed.response(), reader.drafts());
    }

    private static GenerationEngine engine(Checkpoint policy, Eagle3Checkpoint drafter) {
        var target = TargetModel.load(
                policy, 8, 64, ComputeType.FLOAT32, drafter.config().featureLayers(policy.config()));
        var model = Eagle3Drafter.load(drafter, drafter.embeddings(policy), ComputeType.FLOAT32, 8, 64);
        return new GenerationEngine(
                target,
                List.of(new Eagle3Drafting(target, model, 0, LENGTH)),
                List.of(0),
                new StepStatistics(List.of(8)));
    }

    private static AdamWSettings settings(double rate) {
        return new AdamWSettings(rate, 0.9, 0.95, 1e-8, 0, 0.5);
    }

    private static float[] ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return ones;
    }
}
