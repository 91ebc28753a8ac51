package dev.respec.ops.inputs;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DeviceSetting;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Whether the models of a configuration are there and belong together; opens them, reads no weights. */
public final class ModelInputs {
    /** Value of {@code model.drafter} and {@code model.smaller} for no model. */
    public static final String NONE = "none";

    /** Value of {@code model.drafter} for one with random weights that a local run makes and learns. */
    public static final String NEW = "new";

    private ModelInputs() {}

    /** Who chose the drafter. */
    public enum Drafter {
        /** The user: one that does not fit is an error. */
        NAMED,
        /** The defaults: one that does not fit is left out. */
        DEFAULT
    }

    /**
     * The configuration with a drafter that belongs to its policy.
     *
     * @param config with folders for models
     * @param notices told when a drafter is left out
     * @throws BadInputException if a model is missing or a drafter that the user chose does not fit
     */
    public static RespecConfig fitting(RespecConfig config, Drafter chosen, Consumer<String> notices) {
        Path policy = Path.of(config.model().policy());
        Paths.requireCheckpointFolder("model.policy", policy);
        if (config.model().drafter().equals(NONE)) {
            return config;
        }
        if (isNewDrafter(config)) {
            requireNewDrafterFits(policy);
            return config;
        }
        Path drafter = Path.of(config.model().drafter());
        Paths.requireCheckpointFolder("model.drafter", drafter);
        ModelConfig target = readable(() -> ModelConfig.read(policy));
        Eagle3Config draft = readable(() -> Eagle3Checkpoint.readConfig(drafter));
        try {
            draft.requireFits(target, drafter.toString());
            return config;
        } catch (CheckpointException e) {
            if (chosen == Drafter.NAMED) {
                throw new BadInputException(
                        "model.drafter does not fit model.policy: %s; name a drafter of %s, or none (suffix drafting needs no model)"
                                .formatted(e.getMessage(), policy),
                        e);
            }
            notices.accept(
                    ("the built-in drafter does not belong to %s (%s): drafting by suffix only; model.drafter=new"
                                    + " starts one of its own")
                            .formatted(policy, difference(draft, target)));
            return config.withOverrides(List.of("model.drafter=none"));
        }
    }

    /** Whether the run makes its drafter itself. */
    public static boolean isNewDrafter(RespecConfig config) {
        return config.model().drafter().equals(NEW);
    }

    private static void requireNewDrafterFits(Path policy) {
        ModelConfig target = readable(() -> ModelConfig.read(policy));
        try {
            Eagle3Config.forAnyTarget(target);
        } catch (CheckpointException e) {
            throw new BadInputException(
                    "model.drafter is new, but %s cannot have one: %s; set model.drafter to none (suffix drafting needs no model)"
                            .formatted(policy, e.getMessage()),
                    e);
        }
    }

    /** What needs a drafter's folder cannot begin with one that is not made yet. */
    public static void requireMadeDrafter(RespecConfig config) {
        if (isNewDrafter(config)) {
            throw new BadInputException("model.drafter is new, which 'respec local' makes when a run begins: name a"
                    + " drafter's folder; 'respec pretrain drafter' makes one");
        }
    }

    /**
     * Opens every model of a run, so that a damaged one is known at once.
     *
     * @param config as {@link #fitting} returned it
     */
    static void requireUsable(RespecConfig config) {
        Path policy = Path.of(config.model().policy());
        ModelConfig target = readable(() -> Checkpoint.read(policy)).config();
        if (!Files.isRegularFile(policy.resolve("tokenizer.json"))) {
            throw new BadInputException(
                    "model.policy is %s, which has no tokenizer.json: put the model's tokenizer there"
                            .formatted(policy));
        }
        readable(() -> {
            try (TextTokenizer tokenizer = TextTokenizer.open(policy)) {
                tokenizer.requireFits(target);
            }
            return target;
        });
        requireContext(config, target);
        requireDevices(config);
        if (!config.model().drafter().equals(NONE) && !isNewDrafter(config)) {
            readable(() -> Eagle3Checkpoint.read(Path.of(config.model().drafter())));
        }
        if (!config.model().smaller().equals(NONE)) {
            Path smaller = Path.of(config.model().smaller());
            Paths.requireCheckpointFolder("model.smaller", smaller);
            ModelConfig draft = readable(() -> Checkpoint.read(smaller)).config();
            if (draft.vocabularySize() != target.vocabularySize()) {
                throw new BadInputException(
                        "model.smaller is %s, with a vocabulary of %d tokens; the policy has %d: name a model that shares the policy's tokenizer"
                                .formatted(smaller, draft.vocabularySize(), target.vocabularySize()));
            }
        }
    }

    /** A device that a stage is to use must be there; what auto takes is. */
    private static void requireDevices(RespecConfig config) {
        for (DeviceSetting device : List.of(config.workerDevice(), config.learnerDevice(), config.trainerDevice())) {
            if (device.isNamed()) {
                device.resolve(ComputeDevice::of);
            }
        }
    }

    /** A length that the user chose must fit the model; the defaults are cut to what it reads. */
    private static void requireContext(RespecConfig config, ModelConfig target) {
        RespecConfig defaults = RespecConfig.defaults();
        requirePositions(
                "worker.capacity", config.worker().capacity(), defaults.worker().capacity(), target);
        requirePositions(
                "sampling.max-tokens",
                config.sampling().maxTokens(),
                defaults.sampling().maxTokens(),
                target);
    }

    private static void requirePositions(String key, int tokens, int standard, ModelConfig target) {
        if (tokens > target.maxPositions() && tokens != standard) {
            throw new BadInputException("%s is %d tokens, but model.policy reads at most %d: lower it"
                    .formatted(key, tokens, target.maxPositions()));
        }
    }

    private static String difference(Eagle3Config drafter, ModelConfig policy) {
        if (drafter.targetHiddenSize() != policy.hiddenSize()) {
            return "made for hidden size %d, the policy has %d"
                    .formatted(drafter.targetHiddenSize(), policy.hiddenSize());
        }
        if (drafter.vocabularySize() != policy.vocabularySize()) {
            return "made for %d tokens, the policy has %d".formatted(drafter.vocabularySize(), policy.vocabularySize());
        }
        return "it reads three layers, which the policy's %d do not give".formatted(policy.layers());
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> T readable(Reading<T> reading) {
        try {
            return reading.read();
        } catch (CheckpointException e) {
            throw new BadInputException(String.valueOf(e.getMessage()), e);
        }
    }
}
