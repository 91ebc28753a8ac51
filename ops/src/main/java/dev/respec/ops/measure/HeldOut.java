package dev.respec.ops.measure;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.ops.report.RunSummary.PassRates;
import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.data.ChatFormat;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.Split;
import dev.respec.worker.Evaluation;
import dev.respec.worker.Evaluation.Answer;
import dev.respec.worker.Evaluation.Question;
import dev.respec.worker.WorkerModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** The held-out questions of a configuration, and how well a policy answers them. */
public final class HeldOut {
    private static final int NOTICES = 4;

    private final RespecConfig config;
    private final List<Question> questions;
    private final RewardFunctions rewards;

    private HeldOut(RespecConfig config, List<Question> questions, RewardFunctions rewards) {
        this.config = config;
        this.questions = questions;
        this.rewards = rewards;
    }

    /**
     * @param policy folder of a policy, whose family decides how chat messages become text
     * @throws BadInputException where a data line or a reward function cannot be used
     */
    public static HeldOut of(RespecConfig config, Path policy) {
        List<Question> questions =
                prompts(config, policy).stream().map(HeldOut::question).toList();
        if (questions.isEmpty()) {
            throw new BadInputException("data.evaluation " + config.data().evaluation() + " has no held-out prompts");
        }
        return new HeldOut(config, questions, rewards(config));
    }

    /** The held-out prompts, at most {@code data.evaluation-size} of them. */
    public static List<Prompt> prompts(RespecConfig config, Path policy) {
        String family = ModelConfig.read(policy).family().modelType();
        LineReading reading = LineReading.strict(config.data().task(), ChatFormat.of(family));
        return PromptSource.open(
                        config.data().evaluation(),
                        Split.EVALUATION,
                        config.data().seed(),
                        reading)
                .head(config.data().evaluationSize());
    }

    /**
     * The reward functions of a configuration.
     *
     * @throws ConfigException where the folder or a jar cannot be used
     */
    public static RewardFunctions rewards(RespecConfig config) {
        String jars = config.scorer().rewardJars();
        try {
            return jars.isEmpty() ? RewardFunctions.installed() : RewardFunctions.installedAndIn(Path.of(jars));
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

    List<Question> questions() {
        return questions;
    }

    /** One sampled and one greedy answer a question. */
    public PassRates passRates(WorkerModels models, String name, Consumer<String> notices) {
        Evaluation.Outcome sampled = run(models, sampling(), name + ", sampled", notices);
        Evaluation.Outcome greedy = run(models, SamplingOptions.greedy(), name + ", greedy", notices);
        return new PassRates(sampled.passAt1(), greedy.passAt1(), sampled.meanTokens());
    }

    private SamplingOptions sampling() {
        var sampling = config.sampling();
        return new SamplingOptions(sampling.temperature(), sampling.topP(), sampling.topK());
    }

    private Evaluation.Outcome run(
            WorkerModels models, SamplingOptions sampling, String name, Consumer<String> notices) {
        int every = Math.max(1, questions.size() / NOTICES);
        int[] next = {every};
        Evaluation.Outcome outcome = new Evaluation(models)
                .run(
                        questions,
                        sampling,
                        config.sampling().maxTokens(),
                        config.data().seed(),
                        this::reward,
                        done -> {
                            if (done >= next[0]) {
                                notices.accept(name + ": " + done + " of " + questions.size() + " answers");
                                next[0] += every;
                            }
                        });
        notices.accept(String.format(
                Locale.ROOT,
                "%s: pass@1 %.3f, %.0f tokens a response, %.0f tokens/s",
                name,
                outcome.passAt1(),
                outcome.meanTokens(),
                outcome.tokens() / Math.max(1e-3, outcome.seconds())));
        return outcome;
    }

    private double reward(Answer answer) {
        Question question = answer.question();
        RewardFunction function = rewards.named(question.task())
                .orElseThrow(() -> new BadInputException("question %s asks for the reward function '%s'; there are %s"
                        .formatted(question.id(), question.task(), rewards.names())));
        return function.score(new ScoringInput(
                        question.prompt(),
                        answer.response(),
                        question.answer(),
                        answer.stopped() ? FinishReason.STOP : FinishReason.LENGTH,
                        question.metadata()))
                .value();
    }
}
