package dev.respec.trainer;

import dev.respec.stage.StageContext;
import dev.respec.stage.config.TrainerSection.MalformedLines;
import dev.respec.trainer.checkpoint.TrainerState;
import dev.respec.trainer.curriculum.PromptDraws;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.MalformedLine;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.Split;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The prompts of {@code data.train}; malformed lines end the stage or go to the dead letters. */
final class TrainingPrompts {
    private TrainingPrompts() {}

    /** The prompts of a run that goes on from this state. */
    static PromptDraws open(StageContext context, TrainerState state) {
        return new PromptDraws(
                source(context), TrainerSettings.curriculum(context.config()), state.curriculum(), state.admission());
    }

    private static PromptSource source(StageContext context) {
        var config = context.config();
        var strict = LineReading.strict(config.data(), Path.of(config.model().policy()));
        var reading = config.trainer().malformedLines() == MalformedLines.FAIL
                ? strict
                : strict.leavingOut(line -> keep(context, line));
        return PromptSource.open(
                config.data().train(), Split.TRAIN, config.data().seed(), reading);
    }

    private static void keep(StageContext context, MalformedLine line) {
        context.deadLetters()
                .send(
                        line.file().toString(),
                        0,
                        line.number(),
                        null,
                        line.content().getBytes(StandardCharsets.UTF_8),
                        line.reason());
    }
}
