package dev.respec.learner;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;

/** A policy with something to say (large random weights make sharp distributions) and a drafter that knows nothing. */
public final class TinyModels {
    public static final int VOCABULARY = 12;

    private TinyModels() {}

    public static Checkpoint policy(long seed) {
        var config = ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, 128, List.of(0));
        return Checkpoint.random(config, seed, 0.5, 1);
    }

    public static Eagle3Checkpoint drafter(Checkpoint policy, long seed) {
        var embeddings = Objects.requireNonNull(policy.tensors().get("model.embed_tokens.weight"));
        return Eagle3Checkpoint.random(
                Eagle3Config.forTarget(policy.config()),
                IntStream.range(0, VOCABULARY).toArray(),
                embeddings,
                seed);
    }

    public static List<TokenSequence> sequences(int count, long seed) {
        var random = new Random(seed);
        var sequences = new ArrayList<TokenSequence>();
        for (int i = 0; i < count; i++) {
            sequences.add(new TokenSequence(tokens(random, 3), tokens(random, 4 + random.nextInt(12))));
        }
        return sequences;
    }

    private static int[] tokens(Random random, int count) {
        return random.ints(count, 1, VOCABULARY).toArray();
    }
}
