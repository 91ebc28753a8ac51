package dev.respec.ops.paper.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArmRunsTest {
    private static final List<Arm> ARMS = List.of(Arms.PLAIN, Arms.ADAPTIVE);
    private static final Size SIZE = Size.quick().withSeeds(2);

    @TempDir
    Path folder;

    private final List<String> made = new ArrayList<>();

    @Test
    void shouldMakeEverySeedOfAllArmsBeforeTheNextOne() throws InterruptedException {
        var outcome = runs(this::measured).run(ARMS, session(Duration.ofHours(1)));

        assertThat(made).containsExactly("plain 1", "adaptive 1", "plain 2", "adaptive 2");
        assertThat(outcome.failures()).isEmpty();
        assertThat(outcome.of(Arms.PLAIN)).extracting(RunMeasurements::seed).containsExactly(1, 2);
    }

    @Test
    void shouldNotRepeatWhatTheFolderHolds() throws InterruptedException {
        var first = runs(this::measured).run(ARMS, session(Duration.ofHours(1)));
        made.clear();

        var second = runs(this::measured).run(ARMS, session(Duration.ofHours(1)));

        assertThat(made).isEmpty();
        assertThat(second).isEqualTo(first);
    }

    @Test
    void shouldNameAFailureAndGoOn() throws InterruptedException {
        PipelineRunner failing = (arm, seed, config, log) -> {
            if (arm.equals(Arms.PLAIN) && seed == 1) {
                throw new IllegalStateException("the worker stopped");
            }
            return measured(arm, seed, config, log);
        };

        var outcome = runs(failing).run(ARMS, session(Duration.ofHours(1)));

        assertThat(outcome.failures())
                .singleElement()
                .asString()
                .startsWith("plain, seed 1: failed: the worker stopped; its log is ");
        assertThat(made).containsExactly("adaptive 1", "plain 2", "adaptive 2");

        // and the next call tries it again
        made.clear();
        assertThat(runs(this::measured).run(ARMS, session(Duration.ofHours(1))).failures())
                .isEmpty();
        assertThat(made).containsExactly("plain 1");
    }

    @Test
    void shouldLeaveOutWhatTheBudgetDoesNotAllow() throws InterruptedException {
        var outcome = runs(this::measured).run(ARMS, session(Duration.ofSeconds(5)));

        assertThat(made).isEmpty();
        assertThat(outcome.failures()).hasSize(4).allMatch(failure -> failure.contains("left out, a run takes about"));
    }

    @Test
    void shouldRefuseAFolderThatWasMadeWithOtherSettings() throws InterruptedException {
        runs(this::measured).run(List.of(Arms.PLAIN), session(Duration.ofHours(1)));
        Arm other = new Arm("plain", List.of("trainer.max-staleness=1"));

        var outcome = runs(this::measured).run(List.of(other), session(Duration.ofHours(1)));

        assertThat(outcome.of(other)).isEmpty();
        assertThat(outcome.failures()).hasSize(2).allMatch(failure -> failure.contains("delete the folder"));
    }

    /** As a build wrote it that knew neither the conditions of a run nor arms that verify lossily. */
    @Test
    void shouldReadWhatAnEarlierBuildMeasured() throws InterruptedException, IOException {
        writeRun(Arms.FROZEN, settings(Arms.FROZEN));

        var outcome = runs(this::measured).run(List.of(Arms.FROZEN), oneSeed());

        assertThat(outcome.failures()).isEmpty();
        RunMeasurements measured = outcome.of(Arms.FROZEN).get(0);
        assertThat(measured.conditions()).isNull();
        assertThat(measured.tokensPerGenerationSecond()).isEqualTo(500);
    }

    /** Where a default has changed since, the recorded list lacks it; the run's own configuration tells. */
    @Test
    void shouldRecogniseARunWhoseSettingsWereDefaultsOfItsBuild() throws InterruptedException, IOException {
        List<String> settings = new ArrayList<>(settings(Arms.REWARD));
        assertThat(settings.remove("learner.weighting=reward")).isTrue();
        Path run = writeRun(Arms.REWARD, settings);
        Path configuration = new DataFolder(run).configuration();

        Files.writeString(configuration, config(Arms.REWARD).toYaml());
        assertThat(runs(this::measured).run(List.of(Arms.REWARD), oneSeed()).failures())
                .isEmpty();

        Files.writeString(configuration, config(Arms.ADVANTAGE).toYaml());
        assertThat(runs(this::measured).run(List.of(Arms.REWARD), oneSeed()).failures())
                .singleElement()
                .asString()
                .contains("delete the folder");
        assertThat(made).isEmpty();
    }

    private RespecConfig config(Arm arm) {
        return Arms.resolve(RespecConfig.defaults(), arm, SIZE, 1, folder.resolve("elsewhere"));
    }

    private List<String> settings(Arm arm) {
        return Arms.settings(config(arm));
    }

    private Path writeRun(Arm arm, List<String> settings) throws IOException {
        Path run = Files.createDirectories(folder.resolve(arm.name() + "-4-steps-seed-1"));
        Files.writeString(run.resolve("measured.json"), """
                {"arm": "%s", "seed": 1, "settings": [%s], "pass_before": 0.6, "pass_after": 0.9,
                 "generated_tokens": 1000, "generation_seconds": 2.0,
                 "steps": [{"step": 1, "reward": 0.5, "seconds": "NaN", "training_seconds": 1.0}],
                 "acceptance": [2.5, "NaN"], "active_sequences": [8.0], "gain": "NaN", "drafter_versions": 0,
                 "proved": true, "workload": null}
                """.formatted(
                        arm.name(),
                        settings.stream().map(setting -> "\"" + setting + "\"").collect(Collectors.joining(", "))));
        return run;
    }

    private static Session oneSeed() {
        return new Session(SIZE.withSeeds(1), new TimeLimit(System::nanoTime, Duration.ZERO), line -> {});
    }

    @Test
    void shouldReplaceTheProgramOfTheLossyArmOnly() {
        assertThat(Arms.all())
                .filteredOn(arm -> arm.verification() == Arm.Verification.LOSSY)
                .containsExactly(Arms.LOSSY);
        assertThat(Arms.LOSSY.settings()).isEqualTo(Arms.FROZEN.settings());
    }

    @Test
    void shouldKnowWhichArmLearnsAsConfigured() {
        assertThat(Arms.learnerOf(RespecConfig.defaults())).contains(Arms.UNIFORM);
        assertThat(Arms.learnerOf(RespecConfig.defaults().withOverrides(List.of("learner.weighting=advantage"))))
                .contains(Arms.ADVANTAGE);
        assertThat(Arms.learnerOf(RespecConfig.defaults()
                        .withOverrides(List.of("learner.weighting=reward", "learner.update=algorithm-1"))))
                .contains(Arms.REWARD);
        assertThat(Arms.learnerOf(RespecConfig.defaults().withOverrides(List.of("learner.weighting=failures"))))
                .isEmpty();
    }

    /** Same prompts, seeds, steps and models: two arms of one seed differ in the keys that either of them names. */
    @Test
    void shouldDifferInNothingButWhatTheArmsName() {
        RespecConfig base = RespecConfig.defaults();
        for (Arm one : Arms.all()) {
            for (Arm other : Arms.all()) {
                Set<String> named = new LinkedHashSet<>(List.of("run.id"));
                named.addAll(keys(one));
                named.addAll(keys(other));

                assertThat(differing(
                                Arms.resolve(base, one, SIZE, 1, folder), Arms.resolve(base, other, SIZE, 1, folder)))
                        .as("%s and %s", one.name(), other.name())
                        .isSubsetOf(named);
            }
        }
    }

    @Test
    void shouldGiveEverySeedItsOwnSamplingAndTheSamePrompts() {
        RespecConfig base = RespecConfig.defaults();

        assertThat(differing(
                        Arms.resolve(base, Arms.PLAIN, SIZE, 1, folder),
                        Arms.resolve(base, Arms.PLAIN, SIZE, 2, folder)))
                .containsExactlyInAnyOrder("run.id", "run.seed");
    }

    private static Set<String> keys(Arm arm) {
        return arm.settings().stream()
                .map(setting -> setting.substring(0, setting.indexOf('=')))
                .collect(Collectors.toSet());
    }

    private static Set<String> differing(RespecConfig one, RespecConfig other) {
        Map<String, String> first = values(one);
        Map<String, String> second = values(other);
        assertThat(first.keySet()).isEqualTo(second.keySet());
        return first.keySet().stream()
                .filter(key -> !Objects.equals(first.get(key), second.get(key)))
                .collect(Collectors.toSet());
    }

    /** Lines of the YAML under their full keys. */
    private static Map<String, String> values(RespecConfig config) {
        Map<String, String> values = new HashMap<>();
        List<String> path = new ArrayList<>();
        for (String line : config.toYaml().lines().toList()) {
            int indent = (line.length() - line.stripLeading().length()) / 2;
            String text = line.strip();
            if (text.startsWith("-")) {
                values.merge(String.join(".", path), text, String::concat);
                continue;
            }
            if (!text.contains(":")) {
                continue;
            }
            while (path.size() > indent) {
                path.remove(path.size() - 1);
            }
            path.add(text.substring(0, text.indexOf(':')));
            values.put(String.join(".", path), text.substring(text.indexOf(':') + 1));
        }
        return values;
    }

    private RunMeasurements measured(Arm arm, int seed, RespecConfig config, Path log) {
        made.add(arm.name() + " " + seed);
        return Runs.aRun(arm.name(), seed)
                .with(Arms.settings(config))
                .accepting(List.of(1.5, Double.NaN))
                .measured();
    }

    private ArmRuns runs(PipelineRunner runner) {
        return new ArmRuns(RespecConfig.defaults(), folder, runner);
    }

    private static Session session(Duration budget) {
        return new Session(SIZE, new TimeLimit(System::nanoTime, budget), line -> {});
    }
}
