package dev.respec.trainer.evaluation;

import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.ScoredRollout;
import dev.respec.trainer.assembly.ScoredRecords;
import dev.respec.trainer.data.Prompt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Plans of evaluations and answers to them. */
final class Evaluated {
    static final String RUN = "run";
    static final int ATTEMPTS = 3;

    private Evaluated() {}

    /** A plan on one data set, {@code sums}, of so many prompts. */
    static EvaluationPlan plan(int every, int prompts, int samples, int patience) {
        var sums = IntStream.range(0, prompts)
                .mapToObj(i -> new Prompt("p" + i, "1+" + i + "=", "arithmetic", Integer.toString(1 + i), Map.of()))
                .toList();
        return new EvaluationPlan(
                every,
                true,
                new TreeMap<>(Map.of("sums", sums)),
                samples,
                patience,
                new DecidingScore("sums", EvaluationMode.GREEDY, "pass@1"),
                ATTEMPTS,
                Duration.ofMinutes(1));
    }

    static EvaluationRequestId id(long step, EvaluationMode mode, int prompt, int attempt) {
        return new EvaluationRequestId(RUN, step, "sums", mode, prompt, attempt);
    }

    /** A complete group with these rewards, drawn from one version. */
    static List<ScoredRollout> answers(EvaluationRequestId id, long version, double... rewards) {
        var records = new ArrayList<ScoredRollout>();
        for (int sample = 0; sample < rewards.length; sample++) {
            var rollout = ScoredRecords.rollout(RUN, id.text(), sample, rewards.length, version);
            records.add(ScoredRecords.scored(
                    RUN, id.text(), rollout, GroupStatus.COMPLETE, rewards.length, rewards.length, rewards[sample]));
        }
        return records;
    }
}
