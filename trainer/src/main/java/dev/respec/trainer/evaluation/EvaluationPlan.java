package dev.respec.trainer.evaluation;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.EvaluationSection.DataSet;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.PromptWording;
import dev.respec.trainer.data.Split;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * When a run evaluates its policy, and on what.
 *
 * @param every steps between two evaluations; 0 never evaluates
 * @param prompts by data set
 * @param samples sampled answers per prompt; 0 asks for greedy ones only
 * @param patience evaluations in a row without a better one after which the run ends; 0 never ends it
 * @param mostAttempts how often one prompt is asked at most
 * @param requestTimeout after which a request without result is asked again
 */
public record EvaluationPlan(
        int every,
        boolean atStart,
        SortedMap<String, List<Prompt>> prompts,
        int samples,
        int patience,
        DecidingScore deciding,
        int mostAttempts,
        Duration requestTimeout) {
    public EvaluationPlan {
        var copy = new TreeMap<String, List<Prompt>>();
        prompts.forEach((name, list) -> copy.put(name, List.copyOf(list)));
        prompts = copy;
    }

    /**
     * As a configuration asks. A run that evaluates reads its data.
     *
     * @param policy folder of a policy, whose chat template renders conversations
     * @throws BadInputException if a data set cannot be read
     * @throws dev.respec.stage.config.ConfigException if evaluation.best-by names what is not measured
     */
    public static EvaluationPlan of(RespecConfig config, Path policy) {
        var evaluation = config.evaluation();
        var sets = evaluation.dataSets(config.data());
        var prompts = new TreeMap<String, List<Prompt>>();
        if (evaluation.enabled()) {
            sets.forEach(set -> prompts.put(set.name(), read(set, config, policy)));
        }
        return new EvaluationPlan(
                evaluation.every(),
                evaluation.atStart(),
                prompts,
                evaluation.samples(),
                evaluation.patience(),
                DecidingScore.of(evaluation, sets),
                config.trainer().mostAttempts(),
                config.trainer().requestTimeout());
    }

    private static List<Prompt> read(DataSet set, RespecConfig config, Path policy) {
        try {
            var reading = LineReading.strict(set.task(), PromptWording.of(config.data(), policy));
            return PromptSource.open(
                            set.location(), Split.EVALUATION, config.data().seed(), reading)
                    .head(config.evaluation().size());
        } catch (BadInputException e) {
            throw new BadInputException("evaluation.data, %s: %s".formatted(set.name(), e.getMessage()), e);
        }
    }

    /**
     * Whether the policy is evaluated after so many steps. The last step always is.
     *
     * @param lastStep steps of the run; 0 has no end
     */
    public boolean due(long step, long lastStep) {
        if (every == 0) {
            return false;
        }
        return step == 0 ? atStart : step % every == 0 || step == lastStep;
    }

    /** The numbers k of the pass@k that are reported: powers of two, all samples, and the one that decides. */
    List<Integer> passKs(int answers) {
        var ks = new ArrayList<Integer>();
        for (int k = 1; k <= answers; k++) {
            if (Integer.bitCount(k) == 1 || k == answers || k == deciding.passK()) {
                ks.add(k);
            }
        }
        return ks;
    }
}
