package dev.respec.ops.paper.pipeline;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.report.ConfigDifferences;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.LearnerSection;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The arms of all experiments. Experiments share them, so that a run serves several figures. */
public final class Arms {
    /** One EAGLE-3 chain of fixed length, so that acceptance is that of the drafter and not of the setting. */
    private static final List<String> ONE_CHAIN = List.of(
            "worker.draft-lengths.suffix=[]",
            "worker.draft-lengths.eagle3=[4]",
            "worker.draft-lengths.model=[]",
            "worker.draft-trees=[]",
            "worker.draft-limit=none");

    private static final List<String> NO_DRAFTS = List.of(
            "worker.draft-lengths.suffix=[]",
            "worker.draft-lengths.eagle3=[]",
            "worker.draft-lengths.model=[]",
            "worker.draft-trees=[]");

    private static final String NO_LEARNER = "learner.enabled=false";

    public static final Arm PLAIN = new Arm("plain", with(NO_DRAFTS, NO_LEARNER));
    public static final Arm FROZEN = new Arm("frozen", with(ONE_CHAIN, NO_LEARNER));

    /** The frozen arm with a verifier that accepts too much. */
    public static final Arm LOSSY = new Arm("frozen-lossy", FROZEN.settings(), Arm.Verification.LOSSY);

    public static final Arm UNIFORM = new Arm("uniform", with(ONE_CHAIN, "learner.weighting=uniform"));
    public static final Arm REWARD = new Arm("reward-weighted", with(ONE_CHAIN, "learner.weighting=reward"));
    public static final Arm ALGORITHM_1 =
            new Arm("algorithm-1", with(ONE_CHAIN, "learner.weighting=reward", "learner.update=algorithm-1"));
    public static final Arm ADVANTAGE = new Arm("advantage", with(ONE_CHAIN, "learner.weighting=advantage"));
    public static final Arm ADAPTIVE = new Arm("adaptive", List.of(NO_LEARNER));

    /** The default configuration: every drafter, the controller's choice, the learner. */
    public static final Arm LEARNER = new Arm("learner", List.of());

    private Arms() {}

    /** The default configuration with another bound on staleness; 0 is synchronous training. */
    public static Arm staleness(int versions) {
        return new Arm(versions == 0 ? "sync" : "async-" + versions, List.of("trainer.max-staleness=" + versions));
    }

    /** The uniform arm with another interval between two updates of the drafter; that arm's own is 3 s. */
    public static Arm interval(int seconds) {
        List<String> settings = new ArrayList<>(UNIFORM.settings());
        settings.add("learner.interval=" + seconds + "s");
        return new Arm("interval-" + seconds + "s", settings);
    }

    /** Arms that differ in how the learner weights rollouts and how a round trains. */
    static List<Arm> learners() {
        return List.of(UNIFORM, REWARD, ALGORITHM_1, ADVANTAGE);
    }

    /** The one of {@link #learners} that weights and trains as the configuration does; empty if none does. */
    static Optional<Arm> learnerOf(RespecConfig config) {
        return learners().stream()
                .filter(arm -> {
                    LearnerSection learner =
                            config.withOverrides(arm.settings()).learner();
                    return learner.weighting() == config.learner().weighting()
                            && learner.update() == config.learner().update();
                })
                .findFirst();
    }

    /** Every arm of every experiment. */
    public static List<Arm> all() {
        return List.of(
                PLAIN,
                FROZEN,
                LOSSY,
                UNIFORM,
                REWARD,
                ALGORITHM_1,
                ADVANTAGE,
                ADAPTIVE,
                LEARNER,
                interval(1),
                interval(10),
                interval(30),
                staleness(0),
                staleness(1),
                staleness(3),
                staleness(5));
    }

    /**
     * The configuration of one run. Arms of the same size and seed differ in their own settings only.
     *
     * @param seed of sampling and training, counted from 1; the prompts are the same for all
     */
    static RespecConfig resolve(RespecConfig base, Arm arm, Size size, int seed, Path folder) {
        List<String> settings = new ArrayList<>(List.of(
                "run.id=" + arm.name() + "-" + seed,
                "run.data-dir=" + folder,
                "run.steps=" + size.steps(),
                "run.seed=" + (base.run().seed() + seed - 1),
                "data.evaluation-size=" + size.evaluationPrompts(),
                "learner.interval=3s",
                "local.bench=false"));
        settings.addAll(arm.settings());
        return base.withOverrides(settings);
    }

    /** Where a run's configuration differs from the defaults, apart from folders and ports. */
    static List<String> settings(RespecConfig config) {
        List<String> settings = new ArrayList<>();
        ConfigDifferences.of(config).forEach((key, difference) -> settings.add(key + "=" + difference.value()));
        return settings;
    }

    /**
     * Whether a recorded run had the settings that a configuration has, though they differ in which of them are defaults:
     * those of one build need not be those of the next. Compares the keys that either names, by the run's own file.
     *
     * @param recorded what the run's configuration differed in from the defaults of its build
     */
    static boolean sameSettings(DataFolder run, List<String> recorded, RespecConfig config) {
        if (!Files.exists(run.configuration())) {
            return false;
        }
        try {
            Map<String, String> made =
                    ConfigDifferences.settings(RespecConfig.load(run.configuration(), Map.of(), List.of()));
            Map<String, String> wanted = ConfigDifferences.settings(config);
            return Stream.concat(recorded.stream(), settings(config).stream())
                    .map(setting -> setting.substring(0, setting.indexOf('=')))
                    .allMatch(key -> Objects.equals(made.get(key), wanted.get(key)));
        } catch (ConfigException ofAnotherBuild) {
            return false;
        }
    }

    private static List<String> with(List<String> settings, String... more) {
        List<String> all = new ArrayList<>(settings);
        all.addAll(List.of(more));
        return all;
    }
}
