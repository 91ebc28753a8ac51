package dev.respec.ops.report;

import dev.respec.ops.audit.PublishedRollout;
import dev.respec.ops.audit.RunRecords;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** The pictures of a run's report about generation and speculation. */
final class DecodingFigures {
    private static final int INTERVAL_SMOOTHING = 15;
    private static final int HISTOGRAM_BINS = 24;
    private static final int MOST_SETTINGS = 6;
    private static final int PALER = 3;

    private final RunSummary summary;
    private final RunRecords records;
    private final RunSeries series;

    DecodingFigures(RunSummary summary, RunRecords records) {
        this.summary = summary;
        this.records = records;
        this.series = new RunSeries(records);
    }

    List<Figure> all() {
        List<Figure> figures = new ArrayList<>();
        figures.add(acceptanceLength());
        figures.add(acceptanceByPosition());
        figures.add(throughputByBatch());
        figures.add(settings());
        figures.add(throughputOverTime());
        figures.add(activeBatch());
        figures.add(lengthDistribution());
        return figures;
    }

    private Figure acceptanceLength() {
        LineChart chart = new LineChart("Acceptance length over time", "minutes").covering(1, 2);
        int colour = 1;
        for (String setting : series.mostUsedSettings(MOST_SETTINGS)) {
            Series each = series.acceptanceLength(setting, colour++);
            chart.add(each).add(each.smoothed(setting, INTERVAL_SMOOTHING));
        }
        return new Figure(
                "Acceptance length",
                "Tokens a sequence emits per verify step, of each setting that emitted most: a longer draft has a larger"
                        + " one at the same rate of acceptance. 1 is plain decoding.",
                chart.render());
    }

    private Figure acceptanceByPosition() {
        String title = "Acceptance by position";
        String caption = "Share of the drafts of at least k tokens whose first k were accepted, in the first and in the"
                + " last third of the run: a change of draft length does not change it.";
        List<String> drafters = List.copyOf(series.drafters());
        int positions = drafters.stream().mapToInt(series::positions).max().orElse(0);
        BarChart chart = BarChart.grouped(title, "position in the draft", "% accepted")
                .over(IntStream.rangeClosed(1, positions)
                        .mapToObj(String::valueOf)
                        .toList());
        int colour = 1;
        for (String drafter : drafters) {
            chart.add(
                    drafter + ", first third",
                    colour + PALER,
                    series.acceptanceByPosition(drafter, positions, 0, 1 / 3.0));
            chart.add(drafter + ", last third", colour++, series.acceptanceByPosition(drafter, positions, 2 / 3.0, 1));
        }
        return new Figure(title, caption, chart.render());
    }

    private Figure throughputByBatch() {
        RunSummary.Throughput throughput = summary.throughput();
        String title = "Throughput, adaptive against plain";
        if (throughput == null || throughput.plainTokensPerSecondByBatch().isEmpty()) {
            return new Figure(title, "Tokens per second by active batch.", Legend.NO_DATA);
        }
        var batches = new TreeSet<>(throughput.plainTokensPerSecondByBatch().keySet());
        BarChart chart = BarChart.grouped("Throughput by batch", "active batch", "tokens/s")
                .over(batches.stream().map(String::valueOf).toList())
                .add("no speculation", 8, heights(throughput.plainTokensPerSecondByBatch(), batches))
                .add("adaptive", 1, heights(compared(throughput), batches))
                .labelled(batches.stream()
                        .map(batch -> Gains.isCompared(throughput, batch)
                                ? Gains.text(Gains.at(throughput, batch))
                                : throughput.settingByBatch().getOrDefault(batch, ""))
                        .toList());
        return new Figure(
                title,
                "Tokens per second by active batch, measured in this run; \"off\" where the controller chose plain"
                        + " decoding.",
                chart.render());
    }

    private static Map<Integer, Double> compared(RunSummary.Throughput throughput) {
        Map<Integer, Double> compared = new TreeMap<>(throughput.adaptiveTokensPerSecondByBatch());
        compared.keySet().removeIf(batch -> !Gains.isCompared(throughput, batch));
        return compared;
    }

    private static double[] heights(Map<Integer, Double> values, TreeSet<Integer> batches) {
        return batches.stream()
                .mapToDouble(batch -> values.getOrDefault(batch, Double.NaN))
                .toArray();
    }

    private Figure settings() {
        HeatStrip strip = new HeatStrip("Speculation setting by active batch over time", "minutes");
        List<SpeculationSettings> decisions = records.settings();
        TreeSet<String> names = new TreeSet<>();
        double end = Math.max(
                series.lastMinute(),
                decisions.isEmpty()
                        ? 0
                        : series.minutes(decisions.get(decisions.size() - 1).getDecidedAt()));
        double[][] pauses = series.pauses();
        TreeSet<Integer> batches = new TreeSet<>();
        decisions.forEach(table -> table.getTable().forEach(entry -> batches.add(entry.getMaxActiveBatch())));
        for (int batch : batches) {
            for (int i = 0; i < decisions.size(); i++) {
                double from = Math.max(0, series.minutes(decisions.get(i).getDecidedAt()));
                double to = i + 1 < decisions.size()
                        ? series.minutes(decisions.get(i + 1).getDecidedAt())
                        : end;
                if (to <= 0) {
                    continue; // tables belong to a model and a device: an earlier run may have left this one
                }
                String name = settingFor(decisions.get(i), batch);
                names.add(name);
                strip.add(new HeatStrip.Cell("≤ " + batch, from, to, name), pauses);
            }
        }
        return new Figure(
                "Settings in force",
                "Which drafter and draft length the controller chose, by active batch (rows) over time; empty while no worker"
                        + " reported.",
                strip.render(colours(names)));
    }

    private static String settingFor(SpeculationSettings table, int batch) {
        for (BatchSetting entry : table.getTable()) {
            if (batch <= entry.getMaxActiveBatch()) {
                return SettingCodec.text(entry.getSetting());
            }
        }
        return table.getTable().isEmpty()
                ? "off"
                : SettingCodec.text(
                        table.getTable().get(table.getTable().size() - 1).getSetting());
    }

    private static Map<String, Integer> colours(TreeSet<String> names) {
        Map<String, Integer> colours = new LinkedHashMap<>();
        int colour = 1;
        for (String name : names) {
            colours.put(name, name.equals("off") ? 8 : Math.min(7, colour++));
        }
        return colours;
    }

    private Figure throughputOverTime() {
        Series each = series.tokensPerSecond("each interval", 1);
        LineChart chart = new LineChart("Tokens per second over time", "minutes").covering(0, 1);
        chart.add(each).add(each.smoothed("mean of " + INTERVAL_SMOOTHING + " intervals", INTERVAL_SMOOTHING));
        return new Figure("Throughput in the run", "Tokens per second the workers emitted.", chart.render());
    }

    private Figure activeBatch() {
        Series each = series.activeBatch("each interval", 4);
        LineChart chart = new LineChart("Active sequences over time", "minutes").covering(0, 1);
        chart.add(each).add(each.smoothed("mean of " + INTERVAL_SMOOTHING + " intervals", INTERVAL_SMOOTHING));
        return new Figure(
                "Active sequences", "Sequences a verify step served: what the setting is chosen by.", chart.render());
    }

    private Figure lengthDistribution() {
        List<PublishedRollout> rollouts = records.rollouts();
        String title = "Length distribution";
        String caption = "Response tokens in the first and in the last quarter of the run.";
        if (rollouts.isEmpty()) {
            return new Figure(title, caption, Legend.NO_DATA);
        }
        int longest = rollouts.stream()
                .mapToInt(PublishedRollout::responseTokens)
                .max()
                .orElse(1);
        int width = Math.max(1, (longest + HISTOGRAM_BINS - 1) / HISTOGRAM_BINS);
        int bins = longest / width + 1;
        List<String> places = new ArrayList<>();
        for (int bin = 0; bin < bins; bin++) {
            places.add(Integer.toString(bin * width));
        }
        int quarter = Math.max(1, rollouts.size() / 4);
        BarChart chart = BarChart.grouped("Response lengths", "response tokens", "% of rollouts")
                .over(places)
                .add("first quarter", 8, shares(rollouts.subList(0, quarter), bins, width))
                .add(
                        "last quarter",
                        1,
                        shares(rollouts.subList(rollouts.size() - quarter, rollouts.size()), bins, width));
        return new Figure(title, caption, chart.render());
    }

    private static double[] shares(List<PublishedRollout> rollouts, int bins, int width) {
        double[] shares = new double[bins];
        rollouts.forEach(rollout -> shares[rollout.responseTokens() / width] += 100.0 / rollouts.size());
        return shares;
    }
}
