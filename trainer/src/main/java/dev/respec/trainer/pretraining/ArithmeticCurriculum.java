package dev.respec.trainer.pretraining;

import dev.respec.trainer.data.ArithmeticTask;
import dev.respec.trainer.data.Split;
import java.util.Arrays;
import java.util.function.Function;

/**
 * Worked examples of the {@link ArithmeticTask}, of which a share of the steps is wrong, so that reinforcement learning
 * finds something to improve. Chains start short and reach the task's lengths over the first part of training.
 */
public final class ArithmeticCurriculum implements ExampleStream {
    /** Probability that a step of an example is wrong. */
    public static final double CORRUPTION = 0.05;

    private static final double FIRST_MEAN_OPERATIONS = 2;
    private static final double RAMP = 0.35;

    private final Function<String, int[]> encode;
    private final int stopToken;
    private final Split split;
    private final long seed;
    private final double corruption;

    /**
     * A curriculum.
     *
     * @param encode text to tokens, without special tokens
     * @param stopToken ends every response
     */
    public ArithmeticCurriculum(
            Function<String, int[]> encode, int stopToken, Split split, long seed, double corruption) {
        this.encode = encode;
        this.stopToken = stopToken;
        this.split = split;
        this.seed = seed;
        this.corruption = corruption;
    }

    @Override
    public WorkedExample at(long position, double progress) {
        var full = ArithmeticTask.standardMeanOperations();
        var mean = Math.min(full, FIRST_MEAN_OPERATIONS + (full - FIRST_MEAN_OPERATIONS) * progress / RAMP);
        var example = ArithmeticTask.standard().withMeanOperations(mean).example(split, seed, position, corruption);
        var response = encode.apply(example.response());
        var ended = Arrays.copyOf(response, response.length + 1);
        ended[response.length] = stopToken;
        return new WorkedExample(encode.apply(example.prompt()), ended);
    }
}
