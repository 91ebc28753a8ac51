package dev.respec.ops.report;

import dev.respec.ops.audit.RunRecords;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** The pictures of a run's report about learning. */
final class Figures {
    static final int SMOOTHING = 7;
    /** Of the page's palette. */
    private static final int COLOURS = 8;

    private final RunSummary summary;
    private final RunSeries series;

    Figures(RunSummary summary, RunRecords records) {
        this.summary = summary;
        this.series = new RunSeries(records);
    }

    List<Figure> all() {
        List<Figure> figures = new ArrayList<>();
        figures.add(reward());
        rewardParts().ifPresent(figures::add);
        figures.add(lengths());
        figures.add(staleness());
        figures.add(stepTime());
        figures.add(optimisation("Loss", StepMetric.LOSS, 5, "Policy loss of each step."));
        figures.add(optimisation(
                "Entropy", StepMetric.ENTROPY, 2, "Mean entropy of the policy over the response tokens, in nats."));
        figures.add(
                optimisation(
                        "Sampler against trainer",
                        StepMetric.KL_SAMPLER_TRAINER,
                        6,
                        "KL divergence between the policy that sampled and the one that is trained; small and flat is healthy."));
        figures.add(learningRate());
        figures.add(drafter());
        return figures;
    }

    private Figure reward() {
        Series pass = steps("pass rate", 1, StepMetric.PASS_RATE);
        Series reward = steps("reward", 3, StepMetric.REWARD_MEAN);
        LineChart chart = new LineChart("Reward and pass rate by training step", "training step").covering(0, 1);
        chart.add(reward)
                .add(reward.smoothed("reward, mean of " + SMOOTHING + " steps", SMOOTHING))
                .add(pass)
                .add(pass.smoothed("pass rate, mean of " + SMOOTHING + " steps", SMOOTHING));
        return new Figure(
                "Reward", "Share of a step's rollouts that are right, and their mean reward.", chart.render());
    }

    /** Empty if no reward of the run has parts. */
    private Optional<Figure> rewardParts() {
        TreeSet<String> names = new TreeSet<>();
        series.policySteps().forEach(step -> names.addAll(StepMetric.REWARD_PART.names(step)));
        if (names.isEmpty()) {
            return Optional.empty();
        }
        LineChart chart = new LineChart("Parts of the reward by training step", "training step").covering(0, 1);
        int colour = 0;
        for (String name : names) {
            String key = StepMetric.REWARD_PART.key(name);
            chart.add(RunSeries.ofSteps(
                            name,
                            1 + colour++ % COLOURS,
                            series.policySteps(),
                            step -> step.getMetrics().getOrDefault(key, Double.NaN))
                    .smoothed(name, SMOOTHING));
        }
        return Optional.of(new Figure(
                "Reward parts",
                "Mean of each part over a step's rollouts, without its weight; means of %d steps.".formatted(SMOOTHING),
                chart.render()));
    }

    private Figure lengths() {
        Series mean = series.ofTrainedRollouts("mean", 1, RunSeries::mean);
        Series high = series.ofTrainedRollouts("90th percentile", 4, sorted -> RunSeries.percentile(sorted, 0.9));
        LineChart chart = new LineChart("Response length by training step", "training step").covering(0, 1);
        chart.add(mean)
                .add(mean.smoothed("mean", SMOOTHING))
                .add(high)
                .add(high.smoothed("90th percentile", SMOOTHING));
        return new Figure("Response length", "Tokens of the rollouts each step trained on.", chart.render());
    }

    private Figure staleness() {
        Series most = steps("oldest token of the step", 2, StepMetric.STALENESS_MAX);
        Series mean = steps("mean", 1, StepMetric.STALENESS_MEAN);
        double last = series.policySteps().isEmpty()
                ? 1
                : series.policySteps().get(series.policySteps().size() - 1).getStep();
        double bound = summary.staleness().bound();
        LineChart chart = new LineChart("Staleness by training step", "training step").covering(0, bound + 0.5);
        chart.add(restyled(most, Series.Style.STEPS))
                .add(restyled(mean, Series.Style.LINE))
                .add(new Series("bound", 8, Series.Style.DASHED, new double[] {1, last}, new double[] {bound, bound}));
        return new Figure("Staleness", "Trainer version minus the version that sampled a token.", chart.render());
    }

    private Figure stepTime() {
        TreeSet<String> phases = new TreeSet<>();
        series.policySteps().forEach(step -> phases.addAll(step.getPhases().keySet()));
        BarChart chart = BarChart.stacked("Step time by phase", "training step", "s")
                .over(series.policySteps().stream()
                        .map(step -> Long.toString(step.getStep()))
                        .toList());
        int colour = 1;
        for (String phase : phases) {
            chart.add(
                    phase,
                    colour++,
                    series.policySteps().stream()
                            .mapToDouble(step -> step.getPhases().getOrDefault(phase, 0.0) / 1000)
                            .toArray());
        }
        return new Figure("Step time by phase", "Seconds the trainer spent on each step, by phase.", chart.render());
    }

    private Figure optimisation(String title, StepMetric metric, int colour, String caption) {
        Series values = steps(title.toLowerCase(java.util.Locale.ROOT), colour, metric);
        LineChart chart = new LineChart(title + " by training step", "training step");
        chart.add(values).add(values.smoothed("mean of " + SMOOTHING + " steps", SMOOTHING));
        return new Figure(title, caption, chart.render());
    }

    private Figure learningRate() {
        LineChart chart = new LineChart("Learning rate by training step", "training step").covering(0, 0);
        chart.add(restyled(steps("learning rate", 3, StepMetric.LEARNING_RATE), Series.Style.LINE));
        return new Figure("Learning rate", "Of each step of the policy.", chart.render());
    }

    private Figure drafter() {
        List<TrainingStep> steps = series.drafterSteps();
        LineChart chart = new LineChart("Drafter acceptance on held-back rollouts", "drafter update").covering(0, 1);
        int colour = 1;
        for (StepMetric metric : DRAFTER_METRICS) {
            Series values = RunSeries.ofSteps(metric.key().replace('_', ' '), colour++, steps, metric::of);
            chart.add(restyled(values, Series.Style.LINE));
        }
        return new Figure(
                "Drafter",
                "Share of draft tokens accepted on rollouts kept out of its training: the candidate against the one in force.",
                chart.render());
    }

    private static final List<StepMetric> DRAFTER_METRICS =
            List.of(StepMetric.CANDIDATE_ACCEPTANCE, StepMetric.CURRENT_ACCEPTANCE);

    private Series steps(String name, int colour, StepMetric metric) {
        return RunSeries.ofSteps(name, colour, series.policySteps(), metric::of);
    }

    private static Series restyled(Series series, Series.Style style) {
        double[] x = new double[series.size()];
        double[] y = new double[series.size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = series.x(i);
            y[i] = series.y(i);
        }
        return new Series(series.name(), series.colour(), style, x, y);
    }
}
