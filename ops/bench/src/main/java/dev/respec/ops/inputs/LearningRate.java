package dev.respec.ops.inputs;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** The default learning rate is for policies of the shipped one's size; larger ones forget all they know at it. */
public final class LearningRate {
    /** Most weights of a policy that the default is for. */
    private static final long SMALL_WEIGHTS = 1L << 25;

    private static final long MILLION = 1_000_000;

    /** What full fine-tuning of published checkpoints uses. */
    private static final double LARGE = 1e-6;

    /** An adapter takes ten times as much. */
    private static final double LARGE_ADAPTER = 1e-5;

    private LearningRate() {}

    /**
     * The configuration with a learning rate for its policy; one that differs from the default stays.
     *
     * @param config with folders for models
     * @param notices told when the rate is changed
     */
    public static RespecConfig suited(RespecConfig config, Consumer<String> notices) {
        double given = config.trainer().learningRate();
        if (given != RespecConfig.defaults().trainer().learningRate()) {
            return config;
        }
        Path policy = Path.of(config.model().policy());
        long weights = ModelConfig.read(policy).parameters();
        if (weights <= SMALL_WEIGHTS) {
            return config;
        }
        double suited = config.trainer().lora().rank() > 0 ? LARGE_ADAPTER : LARGE;
        notices.accept(
                "trainer.learning-rate is %s: the default, %s, is for policies of up to %d M weights, and %s has %d M"
                        .formatted(suited, given, SMALL_WEIGHTS / MILLION, policy, weights / MILLION));
        return config.withOverrides(List.of("trainer.learning-rate=" + suited));
    }
}
