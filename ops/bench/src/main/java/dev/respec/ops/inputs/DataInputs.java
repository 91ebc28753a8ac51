package dev.respec.ops.inputs;

import dev.respec.ops.measure.HeldOut;
import dev.respec.schemas.FinishReason;
import dev.respec.scorer.ConfiguredRewards;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.DataSection;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.TrainerSection.MalformedLines;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.Split;
import dev.respec.trainer.evaluation.EvaluationPlan;
import java.nio.file.Path;
import java.util.List;

/** Whether a run's data can be read, and whether each line's reward function exists. */
final class DataInputs {
    private DataInputs() {}

    /** @param config with the folder of a policy, whose family decides how chat messages become text */
    static void requireUsable(RespecConfig config) {
        DataFiles.requireTraining(config);
        DataFiles.requireEvaluation(config);
        DataFiles.requireEvaluations(config);
        requireWordsForFiles(config);
        try (RewardFunctions rewards = HeldOut.rewards(config)) {
            requireRewards(config, rewards);
        }
    }

    private static void requireRewards(RespecConfig config, RewardFunctions rewards) {
        requireTask("data.task", config.data().task(), rewards);
        config.evaluation()
                .dataSets(config.data())
                .forEach(set -> requireTask("evaluation.data, task of " + set.name(), set.task(), rewards));
        // made for every run: it refuses an evaluation.best-by that is not measured
        EvaluationPlan.of(config, policy(config))
                .prompts()
                .forEach((set, prompts) -> requireRewards("evaluation.data, " + set, prompts, rewards));
        if (DataFiles.named(config.data().train()).isPresent()) {
            requireRewards("data.train", trainingPrompts(config), rewards);
        }
        boolean heldOut = config.local().evaluation() || config.local().bench();
        if (heldOut && DataFiles.named(config.data().evaluation()).isPresent()) {
            requireRewards("data.evaluation", HeldOut.prompts(config, policy(config)), rewards);
        }
    }

    private static void requireTask(String key, String task, RewardFunctions rewards) {
        if (!task.isEmpty() && rewards.named(task).isEmpty()) {
            throw new ConfigException("%s is '%s', but there is no such reward function: expected one of %s; %s"
                    .formatted(key, task, rewards.names(), ConfiguredRewards.remedy(task)));
        }
    }

    /** Generated questions are always the texts that their task defines. */
    private static void requireWordsForFiles(RespecConfig config) {
        DataSection data = config.data();
        boolean files = DataFiles.named(data.train()).isPresent()
                || DataFiles.named(data.evaluation()).isPresent();
        files |= config.evaluation().enabled()
                && config.evaluation().dataSets(data).stream()
                        .anyMatch(set -> DataFiles.named(set.location()).isPresent());
        boolean words = data.chat() == DataSection.Chat.ON
                || !data.systemPrompt().isEmpty()
                || !data.promptTemplate().isEmpty()
                || !data.templateVariables().isEmpty();
        if (words && !files) {
            throw new ConfigException(
                    "data.chat, data.system-prompt, data.prompt-template and data.template-variables word the"
                            + " questions of files, but data.train and data.evaluation are generated: name a file, or"
                            + " leave them out");
        }
    }

    /** Lines that the trainer will put aside are left out here, too. */
    private static List<Prompt> trainingPrompts(RespecConfig config) {
        LineReading strict = LineReading.strict(config.data(), policy(config));
        LineReading reading =
                config.trainer().malformedLines() == MalformedLines.FAIL ? strict : strict.leavingOut(line -> {});
        return PromptSource.open(
                        config.data().train(), Split.TRAIN, config.data().seed(), reading)
                .head(Integer.MAX_VALUE);
    }

    private static void requireRewards(String key, List<Prompt> prompts, RewardFunctions rewards) {
        for (Prompt prompt : prompts) {
            if (rewards.named(prompt.task()).isEmpty()) {
                throw new BadInputException(
                        "%s: prompt %s has the task '%s', but there is no such reward function: expected one of %s; data.task sets one for every line, or %s"
                                .formatted(
                                        key,
                                        prompt.id(),
                                        prompt.task(),
                                        rewards.names(),
                                        ConfiguredRewards.remedy(prompt.task())));
            }
            requireLine(key, prompt, rewards);
        }
    }

    private static void requireLine(String key, Prompt prompt, RewardFunctions rewards) {
        var line = new ScoringInput(prompt.text(), "", prompt.answer(), FinishReason.STOP, prompt.metadata());
        try {
            rewards.named(prompt.task()).orElseThrow().check(line);
        } catch (IllegalArgumentException e) {
            throw new BadInputException("%s: prompt %s cannot be judged by the reward function '%s': %s"
                    .formatted(key, prompt.id(), prompt.task(), e.getMessage()));
        }
    }

    private static Path policy(RespecConfig config) {
        return Path.of(config.model().policy());
    }
}
