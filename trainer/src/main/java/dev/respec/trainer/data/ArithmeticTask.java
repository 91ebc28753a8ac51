package dev.respec.trainer.data;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The built-in task: a chain of small operations, computed from left to right in written steps.
 *
 * <p>{@code Q:23+20-31*2=?A:} is answered by {@code 23+20=43;43-31=12;12*2=24;#24}. Every written number lies between 0
 * and {@value #HIGHEST}. The number of operations is 2 plus an exponentially distributed number, so that response
 * lengths have a long tail: about 105 tokens in the mean, 223 at the 90th percentile, nearly 350 at most.
 *
 * <p>Training and evaluation prompts are disjoint because a prompt's own hash decides to which it belongs.
 */
public final class ArithmeticTask {
    /** Name of the reward function. */
    public static final String NAME = "arithmetic";
    /** Every character that prompts and responses are made of, in tokenizer order. */
    public static final String CHARACTERS = "0123456789+-*=;#?:QA";

    private static final double STANDARD_MEAN = 11.0;
    private static final int STANDARD_MOST = 40;
    private static final int HIGHEST = 49;
    private static final int DRAWS = 50;
    private static final int LARGEST_FACTOR = 5;
    private static final double ADDITIONS = 0.45;
    private static final double SUBTRACTIONS = 0.90;

    private final double meanOperations;
    private final int mostOperations;

    /**
     * A variant of the task.
     *
     * @param meanOperations mean of the exponential part of the number of operations
     * @param mostOperations upper bound of the number of operations
     */
    public ArithmeticTask(double meanOperations, int mostOperations) {
        if (!(meanOperations > 0) || mostOperations < 2) {
            throw new IllegalArgumentException("needs a positive mean and at least 2 operations, got " + meanOperations
                    + " and " + mostOperations);
        }
        this.meanOperations = meanOperations;
        this.mostOperations = mostOperations;
    }

    /** The task as policies are trained and evaluated on it. */
    public static ArithmeticTask standard() {
        return new ArithmeticTask(STANDARD_MEAN, STANDARD_MOST);
    }

    /** The mean of the standard task. */
    public static double standardMeanOperations() {
        return STANDARD_MEAN;
    }

    /** This task with another mean; a curriculum starts with a small one. */
    public ArithmeticTask withMeanOperations(double mean) {
        return new ArithmeticTask(mean, mostOperations);
    }

    /**
     * A worked example.
     *
     * @param response the written steps and the final number, without a stop token
     * @param answer what the prompt really evaluates to; differs from the response's when a step was corrupted
     */
    public record Example(String prompt, String response, int answer) {
        /** Whether the response ends in the right number. */
        public boolean correct() {
            return response.substring(response.lastIndexOf('#') + 1).equals(Integer.toString(answer));
        }
    }

    /**
     * Generates a worked example, the same for the same arguments.
     *
     * @param corruption probability that a step's result is written with its last digit raised by one (9 becomes 0); the
     *     chain goes on from the written number
     */
    public Example example(long seed, double corruption) {
        return example(new SplittableRandom(seed), corruption);
    }

    /** Generates the example at a position of a split's endless sequence. */
    public Example example(Split split, long seed, long position, double corruption) {
        var random = new SplittableRandom(Mixing.mix(seed, position));
        while (true) {
            var example = example(random, corruption);
            if (splitOf(example.prompt()) == split) {
                return example;
            }
        }
    }

    /** The split a prompt belongs to. */
    public static Split splitOf(String prompt) {
        return (Mixing.hash(prompt) & 1) == 0 ? Split.EVALUATION : Split.TRAIN;
    }

    private Example example(SplittableRandom random, double corruption) {
        var extra = Math.round(-Math.log(1 - random.nextDouble()) * meanOperations);
        var operations = (int) Math.min(mostOperations, 2 + extra);
        while (true) {
            var chain = new Chain(random, corruption);
            if (chain.extend(operations)) {
                return chain.example();
            }
        }
    }

    private record Operation(char sign, int operand) {
        int apply(int value) {
            return switch (sign) {
                case '+' -> value + operand;
                case '-' -> value - operand;
                default -> value * operand;
            };
        }
    }

    /** A chain under construction; operations are chosen so that the written value stays in range. */
    private static final class Chain {
        private final SplittableRandom random;
        private final double corruption;
        private final StringBuilder question;
        private final StringBuilder steps = new StringBuilder();
        private final Set<Operation> used = new HashSet<>();
        private int written;
        private int truth;

        Chain(SplittableRandom random, double corruption) {
            this.random = random;
            this.corruption = corruption;
            written = random.nextInt(1, HIGHEST + 1);
            truth = written;
            question = new StringBuilder("Q:").append(written);
        }

        /** Adds operations; false if the chain ran into a dead end. */
        boolean extend(int operations) {
            for (int i = 0; i < operations; i++) {
                if (!step()) {
                    return false;
                }
            }
            return true;
        }

        Example example() {
            return new Example(question + "=?A:", steps + "#" + written, truth);
        }

        private boolean step() {
            for (int draw = 0; draw < DRAWS; draw++) {
                var operation = draw();
                if (operation.operand() > 0 && used.add(operation)) {
                    append(operation);
                    return true;
                }
            }
            return false;
        }

        private void append(Operation operation) {
            var result = operation.apply(written);
            truth = operation.apply(truth);
            if (corruption > 0 && random.nextDouble() < corruption) {
                result = result - result % 10 + (result % 10 + 1) % 10;
            }
            question.append(operation.sign()).append(operation.operand());
            steps.append(written)
                    .append(operation.sign())
                    .append(operation.operand())
                    .append('=')
                    .append(result)
                    .append(';');
            written = result;
        }

        /** An operation; operand 0 means that the drawn sign does not fit the value. */
        private Operation draw() {
            var choice = random.nextDouble();
            if (choice < ADDITIONS) {
                return new Operation('+', written >= HIGHEST ? 0 : random.nextInt(1, HIGHEST - written + 1));
            }
            if (choice < SUBTRACTIONS) {
                return new Operation('-', written < 1 ? 0 : random.nextInt(1, written + 1));
            }
            if (written < 1 || written * 2 > HIGHEST) {
                return new Operation('*', 0);
            }
            return new Operation('*', random.nextInt(2, Math.min(LARGEST_FACTOR, HIGHEST / written) + 1));
        }
    }
}
