package dev.respec.ops.local;

import dev.respec.learner.pretraining.NewDrafter;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.inputs.ModelInputs;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The drafter that a run with {@code model.drafter: new} starts from: made once, in the run's data folder. */
final class InitialDrafter {
    /** Prompts whose tokens are counted. */
    private static final int MOST_PROMPTS = 10_000;

    private InitialDrafter() {}

    /** The configuration with the folder of that drafter; as it is if the drafter is another one. */
    static RespecConfig resolve(RespecConfig config, DataFolder folder, Consumer<String> told) {
        if (!ModelInputs.isNewDrafter(config)) {
            return config;
        }
        Path drafter = folder.initialDrafter();
        if (!Files.exists(drafter.resolve("config.json"))) {
            make(config, drafter, told);
        }
        return config.withOverrides(List.of("model.drafter=" + drafter));
    }

    private static void make(RespecConfig config, Path drafter, Consumer<String> told) {
        Path policy = Path.of(config.model().policy());
        Eagle3Checkpoint made =
                NewDrafter.make(policy, texts(config, policy), config.run().seed());
        made.write(drafter);
        told.accept(String.format(
                Locale.ROOT,
                "new, %,d parameters with random weights; proposes %,d of %,d tokens",
                made.parameters(),
                made.config().draftVocabularySize(),
                made.config().vocabularySize()));
    }

    private static Iterator<String> texts(RespecConfig config, Path policy) {
        LineReading reading = LineReading.strict(config.data(), policy).leavingOut(line -> {});
        return PromptSource.open(
                        config.data().train(), Split.TRAIN, config.data().seed(), reading)
                .head(MOST_PROMPTS)
                .stream()
                .map(InitialDrafter::text)
                .iterator();
    }

    private static String text(Prompt prompt) {
        return prompt.text() + "\n" + prompt.answer();
    }
}
