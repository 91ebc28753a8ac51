package dev.respec.trainer.pretraining;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.training.TrainableModel;
import dev.respec.trainer.data.ArithmeticTask;
import dev.respec.trainer.data.Split;
import dev.respec.trainer.update.PolicyModel;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The policy that ships with the project: a character-level Qwen2 of about 0.8 million parameters that answers the
 * {@link ArithmeticTask}, with room for reinforcement learning.
 */
public final class ArithmeticPolicy {
    /** Optimiser steps after which the policy has learned what the worked examples teach. */
    public static final int STANDARD_STEPS = 3000;

    private static final List<String> SPECIAL_TOKENS = List.of("<pad>", "<eos>");
    private static final int STOP_TOKEN = 1;
    private static final int LONGEST_SEQUENCE = 1024;
    private static final double WEIGHT_DEVIATION = 0.05;
    private static final double RESIDUAL_SCALE = 0.25;

    private ArithmeticPolicy() {}

    /** The architecture. */
    public static ModelConfig architecture() {
        var vocabulary = SPECIAL_TOKENS.size() + ArithmeticTask.CHARACTERS.length();
        return ModelConfig.qwen2(vocabulary, 96, 256, 8, 4, 2, LONGEST_SEQUENCE, List.of(STOP_TOKEN));
    }

    /**
     * Makes the policy from nothing.
     *
     * @param directory becomes a Hugging Face directory, tokenizer included
     * @param steps optimiser steps; {@value #STANDARD_STEPS} for the shipped policy
     * @param seed of weights, examples and their order
     * @param threads an operation may use
     * @param onStep sees every step
     */
    public static void pretrain(
            Path directory, int steps, long seed, int threads, Consumer<PretrainingProgress> onStep) {
        TextTokenizer.writeCharacterTokenizer(directory, ArithmeticTask.CHARACTERS, SPECIAL_TOKENS);
        var untrained = Checkpoint.random(architecture(), seed, WEIGHT_DEVIATION, RESIDUAL_SCALE);
        try (var tokenizer = TextTokenizer.open(directory);
                var model = TrainableModel.load(untrained, threads)) {
            new PolicyPretraining(
                            PolicyModel.of(model),
                            examples(tokenizer, Split.TRAIN, seed),
                            examples(tokenizer, Split.EVALUATION, seed),
                            PretrainingSettings.standard(steps, seed))
                    .run(onStep);
            model.checkpoint().write(directory);
        }
    }

    private static ExampleStream examples(TextTokenizer tokenizer, Split split, long seed) {
        return new ArithmeticCurriculum(tokenizer::encode, STOP_TOKEN, split, seed, ArithmeticCurriculum.CORRUPTION);
    }
}
