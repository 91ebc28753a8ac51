package dev.respec.ops.report;

import dev.respec.ops.console.Counts;
import dev.respec.ops.console.Durations;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The summary as a screen of text. */
public final class SummaryText {
    private final List<String> lines = new ArrayList<>();

    private SummaryText() {}

    public static List<String> of(RunSummary summary) {
        SummaryText text = new SummaryText();
        text.results(summary);
        text.speculation(summary);
        text.proof(summary);
        text.stages(summary);
        return text.lines;
    }

    private void results(RunSummary summary) {
        heading("Run " + summary.runId());
        add("steps", "%,d in %s, seed %d", summary.steps(), Durations.text(summary.wallSeconds()), summary.seed());
        RunSummary.Evaluation evaluation = summary.evaluation();
        if (evaluation != null) {
            add(
                    "pass@1",
                    "sampled %.3f → %.3f, greedy %.3f → %.3f on %d held-out prompts",
                    evaluation.before().sampledPassAt1(),
                    evaluation.after().sampledPassAt1(),
                    evaluation.before().greedyPassAt1(),
                    evaluation.after().greedyPassAt1(),
                    evaluation.prompts());
        }
        RunSummary.BestCheckpoint best = summary.bestCheckpoint();
        if (best != null) {
            add(
                    "best",
                    "step %,d, policy version %d: %s %.3f, of %s",
                    best.step(),
                    best.policyVersion(),
                    best.by(),
                    best.score(),
                    Counts.of(best.evaluations(), "evaluation"));
        }
        if (best != null && best.endedRun() != null) {
            add("ended early", "after step %,d: %s", summary.steps(), best.endedRun());
        }
        if (summary.firstRolloutSeconds() != null) {
            add("first rollout", "after %.1f s", summary.firstRolloutSeconds());
        }
        RunSummary.TimeShare share = summary.timeShare();
        add(
                "time",
                "generation %.0f %%, training %.0f %%, other %.0f %%",
                share.generation() * 100,
                share.training() * 100,
                share.other() * 100);
        add("idle", "while requests waited: %s", share.idleText());
    }

    private void speculation(RunSummary summary) {
        heading("Speculation against no speculation");
        RunSummary.AcceptanceLength length = summary.acceptanceLength();
        add(
                "acceptance",
                "length %.2f in the mean; under the same settings %.2f at first, %.2f at last",
                length.mean(),
                length.first(),
                length.last());
        RunSummary.GainDuringRun during = summary.adaptiveGainDuringRun();
        if (during != null) {
            add(
                    "in the run",
                    "%.2f ± %.2f times plain decoding's tokens/s (%,d pairs of turns, %.0f %% of the time)",
                    during.gain(),
                    during.error(),
                    during.pairs(),
                    during.judgedTime() * 100);
        }
        throughput(summary.throughput());
    }

    private static String tokens(@Nullable Double perSecond) {
        return perSecond == null ? "–" : String.format(Locale.ROOT, "%,.0f", perSecond);
    }

    private void throughput(RunSummary.@Nullable Throughput throughput) {
        if (throughput == null) {
            add("tokens/s", "not measured");
            return;
        }
        lines.add(String.format(
                Locale.ROOT, "  %12s  %10s  %10s  %12s  %s", "active batch", "plain", "adaptive", "gain", "setting"));
        throughput.settingByBatch().forEach((batch, setting) -> {
            boolean compared = Gains.isCompared(throughput, batch);
            lines.add(String.format(
                    Locale.ROOT,
                    "  %12d  %10s  %10s  %12s  %s",
                    batch,
                    tokens(throughput.plainTokensPerSecondByBatch().get(batch)),
                    compared
                            ? tokens(throughput.adaptiveTokensPerSecondByBatch().get(batch))
                            : "–",
                    compared ? throughput.gainText(batch).substring(1) : "–",
                    setting));
        });
    }

    private void proof(RunSummary summary) {
        heading(headingOfProof(summary));
        RunSummary.Groups groups = summary.groups();
        RunSummary.Rollouts rollouts = summary.rollouts();
        add(
                "groups",
                "%,d admitted = %,d complete + %,d incomplete + %,d open",
                groups.admitted(),
                groups.complete(),
                groups.incomplete(),
                groups.open());
        add(
                "rollouts",
                "%,d expected, %,d scored once, %,d missing, %,d repeats dropped, %,d trained on",
                rollouts.expected(),
                rollouts.scored(),
                rollouts.missing(),
                rollouts.duplicatesDropped(),
                rollouts.trainedOn());
        add(
                "staleness",
                "at most %d, bound %d",
                summary.staleness().max(),
                summary.staleness().bound());
        add(
                "versions",
                "policy %d, drafter %d",
                summary.versions().policy(),
                summary.versions().drafter());
        if (summary.audit().foreignRequests() > 0) {
            add(
                    "foreign",
                    "%s of other clients, not counted",
                    Counts.of(summary.audit().foreignRequests(), "request"));
        }
        summary.audit().violations().forEach(violation -> lines.add("  ! " + violation));
    }

    private static String headingOfProof(RunSummary summary) {
        if (!summary.audit().holds()) {
            return "BROKEN, read from the topics";
        }
        return summary.audit().goingOn()
                ? "Holds so far, read from the topics: " + summary.groups().open() + " groups are open"
                : "Proved from the topics";
    }

    private void stages(RunSummary summary) {
        heading("What each stage did");
        summary.stages().forEach(stage -> add(stage.stage(), "%s", stage.did()));
    }

    private void heading(String text) {
        lines.add("");
        lines.add(text);
    }

    private void add(String name, String format, Object... values) {
        lines.add(String.format(Locale.ROOT, "  %-13s ", name) + String.format(Locale.ROOT, format, values));
    }
}
