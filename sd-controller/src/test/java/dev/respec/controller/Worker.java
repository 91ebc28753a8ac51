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

/** What a worker does with a table and tells of its steps: turns A B B A, whole pairs only, each trial once. */
final class Worker {
    private final Map<Long, Integer> pairsDone = new HashMap<>();
    private Map<String, SettingStatistics> statistics = new LinkedHashMap<>();
    private Map<String, PairedTurns> pairs = new LinkedHashMap<>();
    private @Nullable SettingTrial trial;
    private int trialBatch;
    private Setting inForce = Setting.OFF;
    private Setting last = Setting.OFF;
    private int turn;
    private @Nullable PairedTurns first;
    private final double[][] sides = new double[2][4];

    /** The setting of the next step. */
    Setting next(BatchSetting entry) {
        Setting setting = SettingCodec.of(entry.getSetting());
        SettingTrial due = entry.getTrials().stream()
                .filter(each -> pairsDone.getOrDefault(each.getId(), 0) < each.getPairs())
                .findFirst()
                .orElse(null);
        boolean same = due != null
                && trial != null
                && due.getId() == trial.getId()
                && trialBatch == entry.getMaxActiveBatch()
                && setting.equals(inForce);
        if (!same) {
            turn = 0;
            clear();
        }
        trial = due;
        trialBatch = entry.getMaxActiveBatch();
        inForce = setting;
        return due == null || side() == 0 ? setting : SettingCodec.of(due.getRival());
    }

    boolean trying() {
        return trial != null && side() == 1;
    }

    private int side() {
        return (turn + 1) / 2 % 2;
    }

    private void clear() {
        first = null;
        for (double[] side : sides) {
            java.util.Arrays.fill(side, 0);
        }
    }

    void stepped(Setting setting, int batch, int context, long[] accepted, long tokens, double draft, double verify) {
        count(setting, batch, context, accepted, tokens, draft, verify);
        SettingTrial running = trial;
        boolean changed = !setting.equals(last);
        last = setting;
        if (running == null || changed) {
            return;
        }
        double[] side = sides[side()];
        side[0]++;
        side[1] += batch;
        side[2] += tokens;
        side[3] += draft + verify;
        if (side[0] >= running.getTurnSteps()) {
            turn++;
            if (turn % 2 == 0) {
                close(running, context);
            }
        }
    }

    private void close(SettingTrial running, int context) {
        PairedTurns pair = pair(running, context);
        PairedTurns before = first;
        clear();
        if (before == null) {
            first = pair;
            return;
        }
        pairsDone.merge(running.getId(), 2, Integer::sum);
        boolean steady = Math.abs(Math.log(before.getSettingMilliseconds() / pair.getSettingMilliseconds())) <= 0.35
                && Math.abs(Math.log(before.getRivalMilliseconds() / pair.getRivalMilliseconds())) <= 0.35;
        if (steady) {
            pairs.merge(trialBatch + " " + inForce + " " + running.getRival(), sum(before, pair), Worker::sum);
        }
    }

    private PairedTurns pair(SettingTrial running, int context) {
        double[] a = sides[0];
        double[] b = sides[1];
        double time = Math.log(b[3] / b[0] / (a[3] / a[0]));
        double speed = Math.log(b[2] / b[3] / (a[2] / a[3]));
        return new PairedTurns(
                trialBatch,
                SettingCodec.toAvro(inForce),
                running.getRival(),
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
                0.0,
                0L,
                (long) (context * (a[1] + b[1])));
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
                0.0,
                0L,
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
