package dev.respec.ops.paper.decision;

import dev.respec.speculation.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Figure 7 of the paper (arXiv 2510.26475v1): Qwen2.5-7B-Instruct on an H100, MT-Bench, temperature 0.6; speed-up of
 * latency over plain decoding by active batch and (s, t, n). Only the best setting of each batch and (5, 8, 32) are known.
 */
public final class PublishedTable {
    private static final Setting DEEP = setting(5, 32, 8);
    private static final Setting MIDDLE = setting(3, 16, 8);
    private static final Setting SMALL = setting(3, 8, 8);
    private static final Setting NARROW = setting(3, 8, 5);

    /** Columns in the order of the batch. */
    public static final List<Column> COLUMNS = List.of(
            new Column(1, DEEP, Map.of(DEEP, 1.41)),
            new Column(2, DEEP, Map.of(DEEP, 1.46)),
            new Column(4, MIDDLE, Map.of(MIDDLE, 1.34, DEEP, 1.25)),
            new Column(8, SMALL, Map.of(SMALL, 1.26, DEEP, 1.14)),
            new Column(16, SMALL, Map.of(SMALL, 1.38, DEEP, 1.13)),
            new Column(32, NARROW, Map.of(NARROW, 1.11, DEEP, 0.76)),
            new Column(64, NARROW, Map.of(NARROW, 0.84, DEEP, 0.45)));

    private PublishedTable() {}

    /** {@code 3,8,16} is a draft depth of 3, 8 children per node, 16 verified tokens. */
    private static Setting setting(int depth, int tokens, int branching) {
        return new Setting("eagle3", depth, branching, tokens);
    }

    /**
     * One active batch.
     *
     * @param bestSpeculative what the paper names as best
     * @param speedUps over plain decoding, by setting
     */
    public record Column(int batch, Setting bestSpeculative, Map<Setting, Double> speedUps) {
        public Column {
            speedUps = Map.copyOf(speedUps);
        }

        /** NaN if it is not known. */
        public double speedUp(Setting setting) {
            return speedUps.getOrDefault(setting, Double.NaN);
        }

        /** Of the setting that the paper names as best. */
        public double bestSpeedUp() {
            return speedUp(bestSpeculative);
        }

        /** What a decision should choose: plain decoding, if the paper's best setting is slower. */
        public Setting best() {
            return bestSpeedUp() > 1 ? bestSpeculative : Setting.OFF;
        }
    }

    /** The column of an active batch; empty if it was not published. */
    public static Optional<Column> at(int batch) {
        return COLUMNS.stream().filter(column -> column.batch() == batch).findFirst();
    }

    /** {@code 3,8,16}, as the paper writes a setting, or {@code plain decoding}. */
    public static String text(Setting setting) {
        return setting.isOff()
                ? "plain decoding"
                : "%d,%d,%d".formatted(setting.draftLength(), setting.branching(), setting.verifiedTokens());
    }

    /** Speed-up of an ideal choice at any active batch, linear between the published ones and never below 1. */
    public static double bestSpeedUpAt(double batch) {
        Column before = COLUMNS.get(0);
        for (Column column : COLUMNS) {
            if (batch <= column.batch()) {
                double share = column.batch() == before.batch()
                        ? 0
                        : Math.max(0, (batch - before.batch()) / (column.batch() - before.batch()));
                return Math.max(1, before.bestSpeedUp() + share * (column.bestSpeedUp() - before.bestSpeedUp()));
            }
            before = column;
        }
        return 1;
    }

    /** The largest speed-up of the table. */
    public static double largestSpeedUp() {
        return COLUMNS.stream().mapToDouble(Column::bestSpeedUp).max().orElseThrow();
    }
}
