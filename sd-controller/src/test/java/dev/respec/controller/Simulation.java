package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * A worker on a {@link Machine} that obeys the controller a little late, with noisy steps and random acceptance. Time is
 * simulated. It keeps, by batch, what was emitted and what off and the best setting would have emitted in that time.
 */
final class Simulation {
    private static final long SETTINGS_DELAY_MILLIS = 150;

    private final Machine machine;
    private final Random random;
    private final DecisionConfig config;
    private final SpeculationController controller;
    private DoubleUnaryOperator load = seconds -> 1;
    private DoubleUnaryOperator draftFactor = seconds -> 1;
    private double noise = 0.15;

    final List<SpeculationSettings> tables = new ArrayList<>();
    final List<AcceptanceStats> statistics = new ArrayList<>();
    final Map<Integer, Tally> byBatch = new TreeMap<>();
    double exploringMillis;
    double totalMillis;
    private long nextDecision;
    private long intervalEnd = 1000;

    /** Tokens within the same time. */
    static final class Tally {
        double emitted;
        double byOff;
        double byBest;
    }

    Simulation(Machine machine, DecisionConfig config, long seed) {
        this.machine = machine;
        this.config = config;
        this.random = new Random(seed);
        this.controller = new SpeculationController("policy", "cpu", config);
        controller.costs(machine.profile());
    }

    /** Every entry of the profile is off by a random factor of this standard deviation. */
    Simulation withProfileNoise(double deviation) {
        var profile = machine.profile();
        for (var cost : profile.getCosts()) {
            double factor = Math.exp(deviation * random.nextGaussian());
            cost.setVerifyMilliseconds(cost.getVerifyMilliseconds() * factor);
            cost.setDraftMilliseconds(cost.getDraftMilliseconds() * factor);
        }
        controller.costs(profile);
        return this;
    }

    /** Slows every setting alike; by seconds since the start. */
    Simulation withLoad(DoubleUnaryOperator factor) {
        load = factor;
        return this;
    }

    /** Drafting takes this much longer than the profile says; by seconds since the start. */
    Simulation withDraftFactor(DoubleUnaryOperator factor) {
        draftFactor = factor;
        return this;
    }

    /** Goes on for so long; the active batch is a function of the seconds since the start. */
    Simulation run(int seconds, IntUnaryOperator batchAt) {
        double end = totalMillis + seconds * 1000.0;
        var counts = new LinkedHashMap<String, SettingStatistics>();
        while (totalMillis < end) {
            for (;
                    nextDecision <= totalMillis;
                    nextDecision += config.decideInterval().toMillis()) {
                controller.decide(at(nextDecision)).ifPresent(tables::add);
            }
            int batch = batchAt.applyAsInt((int) (totalMillis / 1000));
            BatchSetting entry = entryAt((long) totalMillis, batch);
            double took = step(Setting.of(entry.getSetting()), batch, totalMillis / 1000, counts);
            totalMillis += took;
            exploringMillis += entry.getReason().equals("exploration") ? took : 0;
            if (totalMillis >= intervalEnd) {
                var interval = Statistics.interval(at((long) totalMillis), List.copyOf(counts.values()));
                statistics.add(interval);
                controller.observe(interval, at((long) totalMillis));
                counts.clear();
                intervalEnd = (long) totalMillis + 1000;
            }
        }
        return this;
    }

    private static Instant at(long millis) {
        return Machine.START.plusMillis(millis);
    }

    private BatchSetting entryAt(long millis, int batch) {
        Instant seen = at(millis - SETTINGS_DELAY_MILLIS);
        BatchSetting off = new BatchSetting(Integer.MAX_VALUE, Setting.OFF.toEvent(), 1.0, 1.0, "none");
        for (int i = tables.size() - 1; i >= 0; i--) {
            if (!tables.get(i).getDecidedAt().isAfter(seen)) {
                var table = tables.get(i).getTable();
                return table.stream()
                        .filter(entry -> batch <= entry.getMaxActiveBatch())
                        .findFirst()
                        .orElse(table.get(table.size() - 1));
            }
        }
        return off;
    }

    private double step(Setting setting, int batch, double second, Map<String, SettingStatistics> counts) {
        double slow = load.applyAsDouble(second) * Math.exp(noise * random.nextGaussian());
        double draft = machine.draftMilliseconds(setting, batch) * draftFactor.applyAsDouble(second) * slow;
        double verify = machine.verifyMilliseconds(setting, batch) * slow;
        var accepted = new long[setting.draftLength()];
        long tokens = batch;
        for (int sequence = 0; sequence < batch; sequence++) {
            for (int k = 0;
                    k < setting.draftLength() && random.nextDouble() < machine.acceptance(setting.drafter());
                    k++) {
                accepted[k]++;
                tokens++;
            }
        }
        count(counts, setting, batch, accepted, tokens, draft, verify);
        tally(batch, second, tokens, draft + verify, slow);
        return draft + verify;
    }

    private void tally(int batch, double second, long tokens, double took, double slow) {
        Tally tally = byBatch.computeIfAbsent(batch, key -> new Tally());
        tally.emitted += tokens;
        double steps = took / slow;
        tally.byOff += batch * steps / machine.milliseconds(Setting.OFF, batch);
        double best = Machine.SETTINGS.stream()
                .mapToDouble(candidate -> machine.acceptanceLength(candidate)
                        / (machine.verifyMilliseconds(candidate, batch)
                                + machine.draftMilliseconds(candidate, batch) * draftFactor.applyAsDouble(second)))
                .max()
                .orElseThrow();
        tally.byBest += batch * steps * best;
    }

    private static void count(
            Map<String, SettingStatistics> counts,
            Setting setting,
            int batch,
            long[] accepted,
            long tokens,
            double draft,
            double verify) {
        var statistics = counts.computeIfAbsent(setting + "@" + batch, key -> empty(setting, batch));
        statistics.setVerifySteps(statistics.getVerifySteps() + 1);
        statistics.setSequenceSteps(statistics.getSequenceSteps() + batch);
        statistics.setDraftedTokens(statistics.getDraftedTokens() + (long) batch * setting.draftLength());
        statistics.setEmittedTokens(statistics.getEmittedTokens() + tokens);
        statistics.setDraftMilliseconds(statistics.getDraftMilliseconds() + draft);
        statistics.setVerifyMilliseconds(statistics.getVerifyMilliseconds() + verify);
        for (int k = 0; k < accepted.length; k++) {
            statistics
                    .getAcceptedByPosition()
                    .set(k, statistics.getAcceptedByPosition().get(k) + accepted[k]);
            statistics
                    .getDraftedByPosition()
                    .set(k, statistics.getDraftedByPosition().get(k) + batch);
        }
    }

    private static SettingStatistics empty(Setting setting, int batch) {
        var zeros = new ArrayList<Long>();
        for (int k = 0; k < setting.draftLength(); k++) {
            zeros.add(0L);
        }
        return new SettingStatistics(
                batch, setting.toEvent(), 0L, 0L, 0L, zeros, new ArrayList<>(zeros), 0L, 0.0, 0.0, 0.0);
    }

    double gainOverOff(int batch) {
        Tally tally = Objects.requireNonNull(byBatch.get(batch));
        return tally.emitted / tally.byOff;
    }

    /** Tokens of all batches over those of the best setting at every batch. */
    double shareOfBest() {
        return byBatch.values().stream().mapToDouble(tally -> tally.emitted).sum()
                / byBatch.values().stream().mapToDouble(tally -> tally.byBest).sum();
    }

    SpeculationController controller() {
        return controller;
    }
}
