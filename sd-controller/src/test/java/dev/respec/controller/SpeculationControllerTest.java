package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SettingTrial;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpeculationControllerTest {
    private static final ControllerSection CONFIG = RespecConfig.defaults()
            .withOverrides(List.of("controller.exploration=0"))
            .controller();
    private final SpeculationController controller = new SpeculationController(Machine.KEY, "cpu", CONFIG);

    private static Instant at(double seconds) {
        return Machine.START.plusMillis((long) (seconds * 1000));
    }

    private static AcceptanceStats everything(Machine machine, Instant end) {
        var settings = new ArrayList<SettingStatistics>();
        var pairs = new ArrayList<PairedTurns>();
        for (Setting setting : Machine.SETTINGS) {
            for (int batch : Machine.BATCHES) {
                settings.add(Statistics.exact(machine, setting, batch, 4_000 / batch));
                if (!setting.isOff()) {
                    pairs.add(Statistics.exactPairs(machine, Setting.OFF, setting, batch, 40));
                }
            }
        }
        return Statistics.interval(end, settings, pairs);
    }

    @ParameterizedTest
    @CsvSource({"0.75, 0.35, 0.2", "0.3, 0.6, 0.2", "0.9, 0.9, 0.05", "0.5, 0.1, 0.4", "0.1, 0.05, 0.2", "0.6, 0.6, 0"})
    void shouldChooseWhatEnumerationFindsBestOfEveryBatch(double eagle, double suffix, double perToken) {
        // Given
        var machine = new Machine(perToken).accepting("eagle3", eagle).accepting("suffix", suffix);
        controller.costs(machine.profile());

        // When
        controller.observe(everything(machine, at(1)), at(1));
        List<BatchSetting> table = controller.decide(at(1)).orElseThrow().getTable();

        // Then
        for (int bucket = 0; bucket < Machine.BATCHES.length; bucket++) {
            int batch = Machine.BATCHES[bucket];
            Setting chosen = SettingCodec.of(table.get(bucket).getSetting());
            double best = machine.gain(machine.best(batch), batch);
            if (best >= 1.08) {
                assertThat(machine.gain(chosen, batch)).as("batch " + batch).isGreaterThan(0.98 * best);
            } else if (best < 1.04) {
                assertThat(chosen).as("batch " + batch).isEqualTo(Setting.OFF);
            }
            assertThat(table.get(bucket).getPredictedGain())
                    .as("batch " + batch)
                    .isBetween(0.95 * machine.gain(chosen, batch), 1.05 * machine.gain(chosen, batch));
        }
    }

    @Test
    void shouldDecideNothingBeforeItKnowsCosts() {
        var machine = new Machine(0.2).accepting("eagle3", 0.9);
        controller.observe(everything(machine, at(1)), at(1));

        assertThat(controller.decide(at(1))).isEmpty();
    }

    @Test
    void shouldBeOffEverywhereUntilItKnowsAcceptance() {
        controller.costs(new Machine(0.2).profile());

        SpeculationSettings settings = controller.decide(at(0)).orElseThrow();

        assertThat(settings.getVersion()).isEqualTo(1);
        assertThat(settings.getTable()).hasSize(7).allSatisfy(entry -> {
            assertThat(entry.getSetting().getDrafter()).isEqualTo("off");
            assertThat(entry.getReason()).isEqualTo("no-data");
            assertThat(entry.getPredictedGain()).isEqualTo(1);
        });
        assertThat(settings.getTable())
                .extracting(BatchSetting::getMaxActiveBatch)
                .containsExactly(1, 2, 4, 8, 16, 32, 64);
        assertThat(controller.decide(at(1))).isEmpty();
    }

    @Test
    void shouldRaiseTheVersionByOneWithEveryChange() {
        var machine = new Machine(0.2).accepting("eagle3", 0.8);
        controller.costs(machine.profile());
        controller.decide(at(0));
        controller.observe(everything(machine, at(1)), at(1));

        assertThat(controller.decide(at(1)).orElseThrow().getVersion()).isEqualTo(2);
        assertThat(controller.decide(at(1.5))).isEmpty();
    }

    @Test
    void shouldRestADrafterWhoseAcceptanceCollapsesAndTellOnce() {
        // Given
        var machine = new Machine(0.2).accepting("eagle3", 0.8).accepting("suffix", 0.5);
        controller.costs(machine.profile());
        controller.observe(everything(machine, at(1)), at(1));
        assertThat(controller
                        .decide(at(1))
                        .orElseThrow()
                        .getTable()
                        .get(0)
                        .getSetting()
                        .getDrafter())
                .isEqualTo("eagle3");
        assertThat(controller.takeAlarms()).isEmpty();

        // When: a wiped drafter
        machine.accepting("eagle3", 0.0);
        for (int second = 60; second < 64; second++) {
            controller.observe(everything(machine, at(second)), at(second));
        }
        var table = controller.decide(at(64)).orElseThrow().getTable();

        // Then
        assertThat(controller.takeAlarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.drafter()).isEqualTo("eagle3");
            assertThat(alarm.acceptanceLength()).isBetween(1.0, 1.05);
            assertThat(alarm.restsUntil())
                    .isEqualTo(at(64).plus(CONFIG.collapseCoolDown()).toEpochMilli());
        });
        assertThat(table).noneMatch(entry -> entry.getSetting().getDrafter().equals("eagle3"));
        controller.decide(at(65));
        assertThat(controller.takeAlarms()).isEmpty();
    }

    /** With ten minutes of good evidence, one second of a broken version decides. */
    @Test
    void shouldLeaveABrokenVersionAtOnceAndSayWhichUntilAnotherIsServed() {
        var machine = new Machine(0.2).accepting("eagle3", 0.8).accepting("suffix", 0.3);
        controller.costs(machine.profile());
        for (int second = 1; second <= 600; second++) {
            controller.observe(served(everything(machine, at(second)), 6), at(second));
        }
        controller.decide(at(600));
        machine.accepting("eagle3", 0.02);
        controller.observe(served(everything(machine, at(601)), 7), at(601));

        SpeculationSettings settings = controller.decide(at(601)).orElseThrow();

        assertThat(settings.getTable())
                .noneMatch(entry -> entry.getSetting().getDrafter().equals("eagle3"));
        assertThat(settings.getAlarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.getAlarm()).isEqualTo("collapse");
            assertThat(alarm.getDrafter()).isEqualTo("eagle3");
            assertThat(alarm.getDrafterVersion()).isEqualTo(7);
            assertThat(alarm.getRestsUntil())
                    .isEqualTo(at(601).plus(CONFIG.collapseCoolDown()).truncatedTo(ChronoUnit.MILLIS));
        });
        assertThat(controller.decide(at(602))).as("nothing new").isEmpty();
        var restarted = new SpeculationController(Machine.KEY, "cpu", CONFIG);
        restarted.restore(settings);
        restarted.costs(machine.profile());
        assertThat(restarted.decide(at(602))).as("it goes on resting").isEmpty();
        assertThat(restarted.standing())
                .singleElement()
                .satisfies(alarm -> assertThat(alarm.version()).isEqualTo(7));
        machine.accepting("eagle3", 0.8);
        controller.observe(served(everything(machine, at(603)), 8), at(603));
        assertThat(controller.decide(at(603)).orElseThrow().getAlarms()).isEmpty();
        for (int second = 604; second < 608; second++) {
            controller.observe(served(everything(machine, at(second)), 8), at(second));
        }
        assertThat(controller.decide(at(608)).orElseThrow().getTable())
                .anyMatch(entry -> entry.getSetting().getDrafter().equals("eagle3"));
    }

    private static AcceptanceStats served(AcceptanceStats stats, long drafterVersion) {
        stats.setDrafterVersion(drafterVersion);
        return stats;
    }

    @Test
    void shouldGoOnFromTheTableInForceAfterARestart() {
        var machine = new Machine(0.2).accepting("eagle3", 0.8);
        controller.costs(machine.profile());
        controller.observe(everything(machine, at(1)), at(1));
        SpeculationSettings before = controller.decide(at(1)).orElseThrow();

        var restarted = new SpeculationController(Machine.KEY, "cpu", CONFIG);
        restarted.restore(before);
        restarted.costs(machine.profile());

        assertThat(restarted.decide(at(2))).isEmpty();
        machine.accepting("eagle3", 0.2);
        restarted.observe(everything(machine, at(10)), at(10));
        assertThat(restarted.decide(at(10)).orElseThrow().getVersion()).isEqualTo(before.getVersion() + 1);
    }

    @Test
    void shouldKeepItsChoicesWhenAWorkerMeasuresAnew() {
        var machine = new Machine(0.2).accepting("eagle3", 0.8);
        controller.costs(machine.profile());
        controller.observe(everything(machine, at(1)), at(1));
        controller.decide(at(1));

        controller.costs(machine.profile());

        assertThat(controller.decide(at(1.5))).isEmpty();
    }

    @Test
    void shouldTryNothingWhileNothingIsGenerated() {
        var exploring = new SpeculationController(
                Machine.KEY, "cpu", RespecConfig.defaults().controller());
        exploring.costs(new Machine(0.2).profile());
        exploring.decide(at(0));

        for (double second = 0; second < 600; second += 0.5) {
            assertThat(exploring.decide(at(second))).isEmpty();
        }
    }

    @Test
    void shouldTrySettingsSoonAfterGenerationStarts() {
        var machine = new Machine(0.2);
        var exploring = new SpeculationController(
                Machine.KEY, "cpu", RespecConfig.defaults().controller());
        exploring.costs(machine.profile());
        exploring.decide(at(0));
        exploring.observe(Statistics.interval(at(1), Statistics.exact(machine, Setting.OFF, 4, 200)), at(1));

        SpeculationSettings settings = exploring.decide(at(1)).orElseThrow();

        // Then: where it generates, and in force stays what was
        assertThat(settings.getTable().get(2).getTrials()).isNotEmpty();
        assertThat(settings.getTable()).allSatisfy(entry -> {
            assertThat(entry.getSetting().getDrafter()).isEqualTo("off");
            assertThat(entry.getMaxActiveBatch() == 4 || entry.getTrials().isEmpty())
                    .isTrue();
        });
        Instant later = at(1).plus(Duration.ofSeconds(180));
        exploring.observe(Statistics.interval(later, Statistics.exact(machine, Setting.OFF, 4, 200)), later);
        assertThat(exploring.decide(later).orElseThrow().getTable().get(2).getTrials())
                .as("what the worker did not finish is given up")
                .doesNotContainAnyElementsOf(settings.getTable().get(2).getTrials());
    }

    /** Each trial is run by one of the workers, and which one changes: many workers try no more than one would. */
    @Test
    void shouldShareTrialsAmongTheWorkersOfAClass() {
        var machine = new Machine(0.2);
        var exploring = new SpeculationController(
                Machine.KEY, "cpu", RespecConfig.defaults().controller());
        exploring.costs(machine.profile());
        exploring.decide(at(0));
        var running = new HashSet<String>();
        for (int second = 1; second < 200; second++) {
            for (String worker : List.of("worker-0", "worker-1", "worker-2")) {
                var stats = Statistics.interval(at(second), Statistics.exact(machine, Setting.OFF, 4, 200));
                stats.setWorkerId(worker);
                exploring.observe(stats, at(second));
            }
            exploring
                    .decide(at(second))
                    .ifPresent(settings -> settings.getTable().forEach(entry -> {
                        var workers = entry.getTrials().stream()
                                .map(SettingTrial::getWorkerId)
                                .collect(Collectors.toSet());
                        assertThat(workers).hasSizeLessThanOrEqualTo(1);
                        running.addAll(workers);
                    }));
        }

        assertThat(running).containsExactlyInAnyOrder("worker-0", "worker-1", "worker-2");
    }
}
