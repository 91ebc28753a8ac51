package dev.respec.generation.engine;

import static java.util.Objects.requireNonNull;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.PagePool;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.model.suffix.SuffixDrafter;
import dev.respec.model.suffix.SuffixDrafterConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Engines with every drafter over a cache of few pages or many. */
final class PagedEngines {
    static final int VOCABULARY = 11;
    static final int STOP = 0;
    static final int POSITIONS = 512;
    static final Checkpoint POLICY = policy(3);
    static final Checkpoint OTHER = policy(4);

    private static final Checkpoint SMALLER =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 8, 16, 2, 1, 1, POSITIONS, List.of(STOP)), 5, 0.4, 1);

    private PagedEngines() {}

    private static Checkpoint policy(long seed) {
        return Checkpoint.random(
                ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, POSITIONS, List.of(STOP)), seed, 0.4, 1);
    }

    static GenerationEngine engine(CacheSize size) {
        return engine(size, drafter(size), List.of(STOP));
    }

    /** Whose sequences end when they have all their tokens. */
    static GenerationEngine unstopped(CacheSize size, Eagle3Drafter eagle3) {
        return engine(size, eagle3, List.of());
    }

    static Eagle3Drafter drafter(CacheSize size) {
        Eagle3Config config = Eagle3Config.forTarget(POLICY.config());
        Eagle3Checkpoint drafter = Eagle3Checkpoint.random(
                config, IntStream.range(0, VOCABULARY).toArray(), POLICY.tensor("model.embed_tokens.weight"), 9);
        return Eagle3Drafter.load(
                drafter, drafter.embeddings(POLICY), ComputeType.BFLOAT16, size.slots(), size.capacity());
    }

    private static GenerationEngine engine(CacheSize size, Eagle3Drafter eagle3, List<Integer> stopTokens) {
        int[] features = Eagle3Config.forTarget(POLICY.config()).featureLayers(POLICY.config());
        TargetModel target = TargetModel.load(POLICY, size, ComputeType.BFLOAT16, features);
        TargetModel smaller =
                TargetModel.load(SMALLER, size.slots(), size.capacity(), ComputeType.BFLOAT16, new int[0]);
        return new GenerationEngine(
                target,
                List.of(
                        new SuffixDrafting(new SuffixDrafter(SuffixDrafterConfig.defaults())),
                        new Eagle3Drafting(target, eagle3, 0, 4),
                        new ModelDrafting(smaller, 6)),
                stopTokens,
                new StepStatistics(List.of(1, 8, 64)));
    }

    static PagePool pool(GenerationEngine engine) {
        return requireNonNull(engine.target().pages(), "this Java has no vectors")
                .pool();
    }

    static int[] prompt(int length, long seed) {
        return new Random(seed).ints(length, 1, VOCABULARY).toArray();
    }

    static SequenceRequest request(int index, int[] prompt, SamplingOptions sampling, int maxTokens) {
        return new SequenceRequest(
                "r" + index, "p" + prompt.length, prompt, sampling, maxTokens, new SplittableRandomStream(23, index));
    }

    static Map<String, CompletedSequence> finish(GenerationEngine engine) {
        Map<String, CompletedSequence> done = new HashMap<>();
        while (!engine.idle()) {
            engine.step().forEach(sequence -> done.put(sequence.request().id(), sequence));
        }
        return done;
    }
}
