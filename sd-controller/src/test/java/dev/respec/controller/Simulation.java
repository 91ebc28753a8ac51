package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntUnaryOperator;

/**
 * A worker on a {@link Machine} that obeys the controller a little late, with noisy steps and random acceptance. Time is
 * simulated. It keeps, by batch and by second, what was emitted and what off and the best setting would have emitted in
 * that time.
 */
final class Simulation {
    private static final long SETTINGS_DELAY_MILLIS = 150;

    private final Machine machine;
    private final Random random;
    private final ControllerSection config;
    private final SpeculationController controller;
    private final Worker worker = new Worker();
    private DoubleUnaryOperator load = seconds -> 1;
    private DoubleUnaryOperator draftFactor = seconds -> 1;

    final List<SpeculationSettings> tables = new ArrayList<>();
    final List<AcceptanceStats> statistics = new ArrayList<>();
    final Map<Integer, Tally> byBatch = new TreeMap<>();
    final Map<Integer, Tally> bySecond = new TreeMap<>();
    double exploringMillis;
    double totalMillis;
    private long nextDecision;
    private long intervalEnd = 1000;
    private Slowness slowness;

    /** Tokens within the same time. */
    static final class Tally {
        double emitted;
        double byOff;
        double byBest;

        void add(double tokens, double plain, double best) {
            emitted += tokens;
            byOff += plain;
            byBest += best;
        }
    }

    Simulation(Machine machine, ControllerSection config, long seed) {
        this(machine, config, seed, machine.profile());
    }

    Simulation(Machine machine, ControllerSection config, long seed, CostProfile profile) {
        this.machine = machine;
        this.config = config;
        this.random = new Random(seed);
        this.slowness = new Slowness(random, 1);
        this.controller = new SpeculationController(Machine.KEY, "cpu", config);
        controller.costs(profile);
    }

    /** With this share of the measured noise. */
    Simulation withNoise(double share) {
        slowness = new Slowness(random, share);
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
        while (totalMillis < end) {
            for (;
                    nextDecision <= totalMillis;
                    nextDecision += config.decideInterval().toMillis()) {
                controller.decide(at(nextDecision)).ifPresent(tables::add);
            }
            int batch = batchAt.applyAsInt((int) (totalMillis / 1000));
            Setting setting = worker.next(entryAt((long) totalMillis, batch));
            boolean trying = worker.trying();
            double took = step(setting, batch, totalMillis / 1000);
            totalMillis += took;
            exploringMillis += trying ? took : 0;
            if (totalMillis >= intervalEnd) {
                AcceptanceStats interval = worker.report(at((long) totalMillis));
                statistics.add(interval);
                controller.observe(interval, at((long) totalMillis));
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
        List<BatchSetting> table = Worker.plainTable();
        for (int i = tables.size() - 1; i >= 0; i--) {
            if (!tables.get(i).getDecidedAt().isAfter(seen)) {
                table = tables.get(i).getTable();
                break;
            }
        }
        List<BatchSetting> found = table;
        return found.stream()
                .filter(entry -> batch <= entry.getMaxActiveBatch())
                .findFirst()
                .orElse(found.get(found.size() - 1));
    }

    private double step(Setting setting, int batch, double second) {
        double draftWork = machine.draftMilliseconds(setting, batch) * draftFactor.applyAsDouble(second);
        double work = draftWork + machine.verifyMilliseconds(setting, batch);
        double slow = slowness.milliseconds(work, second * 1000, at -> load.applyAsDouble(at / 1000)) / work;
        double draft = draftWork * slow;
        double verify = (work - draftWork) * slow;
        var accepted = new long[setting.draftLength()];
        long tokens = batch;
        double acceptance = machine.acceptance(setting.drafter());
        for (int sequence = 0; sequence < batch; sequence++) {
            for (int k = 0; k < setting.draftLength() && random.nextDouble() < acceptance; k++) {
                accepted[k]++;
                tokens++;
            }
        }
        worker.stepped(setting, batch, Machine.CONTEXT, accepted, tokens, draft, verify);
        tally(batch, second, setting, (draft + verify) / slow);
        return draft + verify;
    }

    /** Expected tokens on all three sides: luck with acceptance is nobody's merit. */
    private void tally(int batch, double second, Setting setting, double steps) {
        double factor = draftFactor.applyAsDouble(second);
        double emitted = batch * machine.acceptanceLength(setting);
        double plain = batch * steps / machine.milliseconds(Setting.OFF, batch);
        double best = Machine.SETTINGS.stream()
                .mapToDouble(candidate -> machine.acceptanceLength(candidate)
                        / (machine.verifyMilliseconds(candidate, batch)
                                + machine.draftMilliseconds(candidate, batch) * factor))
                .max()
                .orElseThrow();
        byBatch.computeIfAbsent(batch, key -> new Tally()).add(emitted, plain, batch * steps * best);
        bySecond.computeIfAbsent((int) second, key -> new Tally()).add(emitted, plain, batch * steps * best);
    }

    double gainOverOff(int batch) {
        Tally tally = Objects.requireNonNull(byBatch.get(batch));
        return tally.emitted / tally.byOff;
    }

    /** Tokens of all batches over those of the best setting at every batch and moment. */
    double shareOfBest() {
        return shareOfBest(0, Integer.MAX_VALUE);
    }

    double shareOfBest(int fromSecond, int toSecond) {
        double emitted = 0;
        double best = 0;
        for (var entry : bySecond.entrySet()) {
            if (entry.getKey() >= fromSecond && entry.getKey() < toSecond) {
                emitted += entry.getValue().emitted;
                best += entry.getValue().byBest;
            }
        }
        return emitted / best;
    }

    /** Changes of the setting in force, each range of batches counted for itself. */
    int changes() {
        int changes = 0;
        for (int i = 1; i < tables.size(); i++) {
            for (int bucket = 0; bucket < tables.get(i).getTable().size(); bucket++) {
                changes += tables.get(i)
                                .getTable()
                                .get(bucket)
                                .getSetting()
                                .equals(tables.get(i - 1).getTable().get(bucket).getSetting())
                        ? 0
                        : 1;
            }
        }
        return changes;
    }

    SpeculationController controller() {
        return controller;
    }
}
