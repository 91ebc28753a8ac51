package dev.respec.ops.measure;

import dev.respec.generation.Evaluation;
import dev.respec.generation.Evaluation.Answer;
import dev.respec.generation.Evaluation.Outcome;
import dev.respec.generation.Evaluation.Plan;
import dev.respec.generation.Evaluation.Question;
import dev.respec.generation.WorkerModels;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.ops.report.RunSummary.PassRates;
import dev.respec.schemas.FinishReason;
import dev.respec.scorer.ConfiguredRewards;
import dev.respec.scorer.GuardedRewards;
import dev.respec.scorer.RewardOutcome;
import dev.respec.scorer.RewardScorer;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.Split;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The held-out questions of a configuration, and how well a policy answers them. */
public final class HeldOut {
    private static final int NOTICES = 4;

    private final RespecConfig config;
    private final List<Question> questions;

    private HeldOut(RespecConfig config, List<Question> questions) {
        this.config = config;
        this.questions = questions;
    }

    /**
     * @param policy folder of a policy, whose chat template renders conversations
     * @throws BadInputException if a data line cannot be used
     */
    public static HeldOut of(RespecConfig config, Path policy) {
        List<Question> questions =
                prompts(config, policy).stream().map(HeldOut::question).toList();
        if (questions.isEmpty()) {
            throw new BadInputException("data.evaluation " + config.data().evaluation() + " has no held-out prompts");
        }
        return new HeldOut(config, questions);
    }

    /** The held-out prompts, at most {@code data.evaluation-size} of them. */
    public static List<Prompt> prompts(RespecConfig config, Path policy) {
        LineReading reading = LineReading.strict(config.data(), policy);
        return PromptSource.open(
                        config.data().evaluation(),
                        Split.EVALUATION,
                        config.data().seed(),
                        reading)
                .head(config.data().evaluationSize());
    }

    /**
     * The reward functions of a configuration; closing them ends the processes that some have.
     *
     * @throws ConfigException if one cannot be used on this machine
     */
    public static RewardFunctions rewards(RespecConfig config) {
        try {
            return ConfiguredRewards.functions(config);
        } catch (RewardFunctionException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }

    private static Question question(Prompt prompt) {
        return new Question(prompt.id(), prompt.text(), prompt.answer(), prompt.task(), prompt.metadata());
    }

    public int size() {
        return questions.size();
    }

    /**
     * Token ids of the first questions that leave room for a response.
     *
     * @throws BadInputException if there is none
     */
    public List<int[]> prompts(WorkerModels models, int most) {
        int capacity = models.engine().target().capacity();
        List<int[]> prompts = questions.stream()
                .map(question -> models.tokenizer().encodePrompt(question.prompt()))
                .filter(prompt -> prompt.length < capacity)
                .limit(most)
                .toList();
        if (prompts.isEmpty()) {
            throw new BadInputException(
                    "data.evaluation %s has no prompt that fits into %d tokens: raise worker.capacity"
                            .formatted(config.data().evaluation(), capacity));
        }
        return prompts;
    }

    /** One sampled and one greedy answer per question. */
    public PassRates passRates(WorkerModels models, String name, Consumer<String> notices) {
        Outcome sampled = answer(models, sampled(1), name + ", sampled", notices, (answer, outcome) -> {});
        Outcome greedy = answer(models, greedy(), name + ", greedy", notices, (answer, outcome) -> {});
        return new PassRates(sampled.passAt1(), greedy.passAt1(), sampled.meanTokens());
    }

    /** How the configuration samples. */
    public Plan sampled(int samples) {
        var sampling = config.sampling();
        var options = new SamplingOptions(sampling.temperature(), sampling.topP(), sampling.topK());
        return new Plan(options, samples, sampling.maxTokens(), config.data().seed());
    }

    public Plan greedy() {
        return new Plan(
                SamplingOptions.greedy(),
                1,
                config.sampling().maxTokens(),
                config.data().seed());
    }

    /**
     * Answers every question and scores the answers as the scorer does: a reward function that throws gives 0. A reward
     * that cannot be had counts as 0, too, and a notice says how many.
     *
     * @param scored told every answer with its reward, in the order in which they end
     * @throws BadInputException if a question's reward function does not exist, or no question can be asked
     */
    public Outcome answer(
            WorkerModels models,
            Plan plan,
            String name,
            Consumer<String> notices,
            BiConsumer<Answer, RewardOutcome> scored) {
        int answers = questions.size() * plan.samples();
        int every = Math.max(1, answers / NOTICES);
        int[] next = {every};
        int[] unavailable = {0};
        try (RewardFunctions rewards = rewards(config);
                var guard = new GuardedRewards(config.scorer().rewardTimeout(), Clock.systemUTC());
                var scorer = ConfiguredRewards.scorer(config, rewards, guard, new SimpleMeterRegistry())) {
            requireTasks(rewards);
            BiConsumer<Answer, RewardOutcome> counted = (answer, reward) -> {
                unavailable[0] += reward.unavailable() ? 1 : 0;
                scored.accept(answer, reward);
            };
            Outcome outcome = new Evaluation(models)
                    .run(questions, plan, answer -> reward(scorer, answer, counted), done -> {
                        if (done >= next[0]) {
                            notices.accept(name + ": " + done + " of " + answers + " answers");
                            next[0] += every;
                        }
                    });
            requireAnswers(outcome);
            if (unavailable[0] > 0) {
                notices.accept("%s: %d answers count as 0 because their reward could not be had"
                        .formatted(name, unavailable[0]));
            }
            notices.accept(String.format(
                    Locale.ROOT,
                    "%s: pass@1 %.3f, mean reward %.3f, %.0f tokens a response, %.0f tokens/s",
                    name,
                    outcome.passAt1(),
                    outcome.meanReward(),
                    outcome.meanTokens(),
                    outcome.tokens() / Math.max(1e-3, outcome.seconds())));
            return outcome;
        }
    }

    /** @throws BadInputException if a question asks for a reward function that does not exist */
    public void requireRewardFunctions() {
        try (RewardFunctions rewards = rewards(config)) {
            requireTasks(rewards);
        }
    }

    private void requireTasks(RewardFunctions rewards) {
        for (Question question : questions) {
            if (rewards.named(question.task()).isEmpty()) {
                throw new BadInputException(
                        ("data.evaluation %s, prompt %s asks for the reward function '%s'; there are %s: correct its"
                                        + " task, set data.task or %s")
                                .formatted(
                                        config.data().evaluation(),
                                        question.id(),
                                        question.task(),
                                        rewards.names(),
                                        ConfiguredRewards.remedy(question.task())));
            }
        }
    }

    private void requireAnswers(Outcome outcome) {
        if (outcome.prompts() == 0) {
            throw new BadInputException("data.evaluation %s: none of %d prompts can be answered: %s"
                    .formatted(
                            config.data().evaluation(),
                            questions.size(),
                            outcome.refused().get(0).reason()));
        }
    }

    private double reward(RewardScorer scorer, Answer answer, BiConsumer<Answer, RewardOutcome> scored) {
        Question question = answer.question();
        var input = new ScoringInput(
                question.prompt(),
                answer.response(),
                question.answer(),
                answer.stopped() ? FinishReason.STOP : FinishReason.LENGTH,
                question.metadata());
        RewardOutcome outcome = scorer.outcome(question.task(), input);
        scored.accept(answer, outcome);
        return outcome.reward().value();
    }
}
