package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SettingTrial;
import dev.respec.speculation.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a worker does with a table and tells of its steps: turns A B B A by time, whole pairs only, each trial once. */
final class Worker {
    private static final int TURNS = 4;

    private final Map<Long, Integer> pairsDone = new HashMap<>();
    private final Map<Integer, Turns> comparisons = new HashMap<>();
    private Map<String, SettingStatistics> statistics = new LinkedHashMap<>();
    private Map<String, PairedTurns> pairs = new LinkedHashMap<>();
    private @Nullable Turns running;
    private Setting last = Setting.OFF;

    /** Of each turn: steps, sequence steps, tokens, milliseconds. */
    private static final class Turns {
        private final int batch;
        private final Setting inForce;
        private final SettingTrial trial;
        private final double[][] turns = new double[TURNS][4];
        private int turn;
        private double switchMilliseconds;
        private long switches;

        Turns(int batch, Setting inForce, SettingTrial trial) {
            this.batch = batch;
            this.inForce = inForce;
            this.trial = trial;
        }

        boolean ofRival() {
            return turn == 1 || turn == 2;
        }

        /** Whether all four turns are over. */
        boolean stepped(double... step) {
            double[] current = turns[turn];
            for (int i = 0; i < step.length; i++) {
                current[i] += step[i];
            }
            turn += current[0] >= trial.getTurnSteps() && current[3] >= trial.getTurnMilliseconds() ? 1 : 0;
            return turn == TURNS;
        }

        void switched(double milliseconds) {
            switchMilliseconds += milliseconds;
            switches++;
        }

        PairedTurns pair(int ofSetting, int ofRival, int context) {
            double[] a = turns[ofSetting];
            double[] b = turns[ofRival];
            double time = Math.log(b[3] / b[0] / (a[3] / a[0]));
            double speed = Math.log(b[2] / b[3] / (a[2] / a[3]));
            return new PairedTurns(
                    batch,
                    SettingCodec.toAvro(inForce),
                    trial.getRival(),
                    1L,
                    (long) a[0],
                    (long) a[1],
                    (long) a[2],
                    a[3],
                    (long) b[0],
                    (long) b[1],
                    (long) b[2],
                    b[3],
                    time,
                    time * time,
                    speed,
                    speed * speed,
                    ofSetting == 0 ? switchMilliseconds : 0,
                    ofSetting == 0 ? switches : 0,
                    (long) (context * (a[1] + b[1])));
        }
    }

    /** The setting of the next step. */
    Setting next(BatchSetting entry) {
        Setting setting = SettingCodec.of(entry.getSetting());
        SettingTrial due = entry.getTrials().stream()
                .filter(each -> pairsDone.getOrDefault(each.getId(), 0) < each.getPairs())
                .findFirst()
                .orElse(null);
        if (due == null) {
            running = null;
            return setting;
        }
        Turns before = comparisons.get(entry.getMaxActiveBatch());
        Turns current =
                before != null && before.trial.equals(due) && before.inForce.equals(setting) && before.turn < TURNS
                        ? before
                        : new Turns(entry.getMaxActiveBatch(), setting, due);
        running = current;
        comparisons.put(entry.getMaxActiveBatch(), current);
        return current.ofRival() ? SettingCodec.of(due.getRival()) : setting;
    }

    boolean trying() {
        return running != null && running.ofRival();
    }

    void stepped(Setting setting, int batch, int context, long[] accepted, long tokens, double draft, double verify) {
        count(setting, batch, context, accepted, tokens, draft, verify);
        boolean changed = !setting.equals(last);
        last = setting;
        Turns comparison = running;
        if (comparison != null && changed) {
            comparison.switched(draft + verify);
        }
        if (comparison != null && !changed && comparison.stepped(1, batch, tokens, draft + verify)) {
            pairsDone.merge(comparison.trial.getId(), 2, Integer::sum);
            pairs.merge(
                    comparison.batch + " " + comparison.inForce + " " + comparison.trial.getRival(),
                    sum(comparison.pair(0, 1, context), comparison.pair(3, 2, context)),
                    Worker::sum);
        }
    }

    private static PairedTurns sum(PairedTurns one, PairedTurns other) {
        return new PairedTurns(
                one.getActiveBatch(),
                one.getSetting(),
                one.getRival(),
                one.getPairs() + other.getPairs(),
                one.getSettingSteps() + other.getSettingSteps(),
                one.getSettingSequenceSteps() + other.getSettingSequenceSteps(),
                one.getSettingTokens() + other.getSettingTokens(),
                one.getSettingMilliseconds() + other.getSettingMilliseconds(),
                one.getRivalSteps() + other.getRivalSteps(),
                one.getRivalSequenceSteps() + other.getRivalSequenceSteps(),
                one.getRivalTokens() + other.getRivalTokens(),
                one.getRivalMilliseconds() + other.getRivalMilliseconds(),
                one.getLogTimeRatios() + other.getLogTimeRatios(),
                one.getSquaredLogTimeRatios() + other.getSquaredLogTimeRatios(),
                one.getLogSpeedRatios() + other.getLogSpeedRatios(),
                one.getSquaredLogSpeedRatios() + other.getSquaredLogSpeedRatios(),
                one.getSwitchMilliseconds() + other.getSwitchMilliseconds(),
                one.getSwitches() + other.getSwitches(),
                one.getContextTokens() + other.getContextTokens());
    }

    private void count(
            Setting setting, int batch, int context, long[] accepted, long tokens, double draft, double verify) {
        var counts = statistics.computeIfAbsent(setting + "@" + batch, key -> Statistics.none(setting, batch));
        counts.setVerifySteps(counts.getVerifySteps() + 1);
        counts.setSequenceSteps(counts.getSequenceSteps() + batch);
        counts.setContextTokens(counts.getContextTokens() + (long) batch * context);
        counts.setDraftedTokens(counts.getDraftedTokens() + (long) batch * setting.draftLength());
        counts.setEmittedTokens(counts.getEmittedTokens() + tokens);
        counts.setDraftMilliseconds(counts.getDraftMilliseconds() + draft);
        counts.setVerifyMilliseconds(counts.getVerifyMilliseconds() + verify);
        for (int k = 0; k < accepted.length; k++) {
            counts.getAcceptedByPosition().set(k, counts.getAcceptedByPosition().get(k) + accepted[k]);
            counts.getDraftedByPosition().set(k, counts.getDraftedByPosition().get(k) + batch);
        }
    }

    /** What was counted since the last call. */
    AcceptanceStats report(Instant end) {
        var report = Statistics.interval(end, new ArrayList<>(statistics.values()), new ArrayList<>(pairs.values()));
        statistics = new LinkedHashMap<>();
        pairs = new LinkedHashMap<>();
        return report;
    }

    static List<BatchSetting> plainTable() {
        return List.of(
                new BatchSetting(Integer.MAX_VALUE, SettingCodec.toAvro(Setting.OFF), 1.0, 1.0, "none", List.of()));
    }
}
