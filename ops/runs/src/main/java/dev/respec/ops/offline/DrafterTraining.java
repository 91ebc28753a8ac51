package dev.respec.ops.offline;

import dev.respec.learner.OfflineLearning;
import dev.respec.learner.OfflineLearning.Round;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Distils a policy into a drafter on recorded rollouts. */
public final class DrafterTraining {
    private final OpenRun run;
    private final RespecConfig config;
    private final TransferProgress progress;

    public DrafterTraining(OpenRun run, RespecConfig config, TransferProgress progress) {
        this.run = run;
        this.config = config;
        this.progress = progress;
    }

    /**
     * Trains and writes the drafter, and {@code rounds.jsonl}.
     *
     * @param policy teacher
     * @param drafter start
     * @param epochs how often the rollouts are gone through
     * @param roundRollouts rollouts of a round
     * @return rounds trained
     */
    public List<Round> run(
            Checkpoint policy, Eagle3Checkpoint drafter, int epochs, int roundRollouts, OutputFolder output) {
        List<Round> rounds = new ArrayList<>();
        try (OfflineLearning learning = new OfflineLearning(config, policy, drafter, roundRollouts)) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                try (ScoredRollouts records = new ScoredRollouts(run, progress)) {
                    for (var next = records.next(); next.isPresent(); next = records.next()) {
                        learning.add(next.get()).ifPresent(round -> took(round, rounds, output));
                    }
                }
                learning.finish().ifPresent(round -> took(round, rounds, output));
            }
            if (rounds.isEmpty()) {
                throw new BadInputException("offline drafter: run %s has no scored rollouts".formatted(run.runId()));
            }
            learning.drafter().write(output.folder());
            output.writeLines("rounds.jsonl");
            return rounds;
        }
    }

    private void took(Round round, List<Round> rounds, OutputFolder output) {
        rounds.add(round);
        output.line(round);
        progress.line(String.format(
                Locale.ROOT,
                "round %4d  %,6d rollouts  loss %.4f  acceptance length %.3f, in force %.3f  version %d",
                round.round(),
                round.rollouts(),
                round.loss(),
                round.candidate(),
                round.inForce(),
                round.version()));
    }
}
