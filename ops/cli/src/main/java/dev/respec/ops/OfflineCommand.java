package dev.respec.ops;

import dev.respec.learner.pretraining.DrafterPretraining;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.console.Counts;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.offline.ControllerTrial;
import dev.respec.ops.offline.DrafterTraining;
import dev.respec.ops.offline.OutputFolder;
import dev.respec.ops.offline.PolicyTraining;
import dev.respec.ops.offline.PolicyTraining.Grouping;
import dev.respec.ops.replay.NumberSpan;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Learning from what a run recorded, without its workers; the same command gives the same bytes. */
@Command(
        name = "offline",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(train | drafter | controller)",
        description = "Trains on a run's recorded rollouts, or judges a controller on its recorded statistics.")
final class OfflineCommand {
    private static final NumberSpan ALL = new NumberSpan(0, Long.MAX_VALUE);

    /** Where the results go. */
    static final class Options {
        @Option(
                names = {"-o", "--output"},
                required = true,
                paramLabel = "DIR",
                description = "Folder for the results; must be empty.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path output;
    }

    /** Which steps a policy is trained on. */
    static final class PolicyOptions {
        @Option(names = "--from", paramLabel = "DIR", description = "Policy to start from (default: the run's first).")
        private @Nullable Path from;

        @Option(
                names = "--steps",
                paramLabel = "A..B",
                converter = ReplayOptions.SpanConverter.class,
                description = "Only these steps; all if left out.")
        private @Nullable NumberSpan steps;

        @Option(
                names = "--regroup",
                description = "Takes groups in the order of the log, not as the recorded steps took them.")
        private boolean regroup;
    }

    /** What a drafter is distilled from, and how long. */
    static final class DrafterOptions {
        @Option(names = "--from", paramLabel = "DIR", description = "Drafter to start from (default: random weights).")
        private @Nullable Path from;

        @Option(
                names = "--policy",
                paramLabel = "DIR",
                description = "Teacher (default: the run's last policy, or its first if there is no last one).")
        private @Nullable Path teacher;

        @Option(
                names = "--epochs",
                paramLabel = "N",
                defaultValue = "3",
                description = "Passes over the rollouts (default: ${DEFAULT-VALUE}).")
        private int epochs;

        @Option(
                names = "--round",
                paramLabel = "N",
                defaultValue = "512",
                description = "Training rollouts between two judgements (default: ${DEFAULT-VALUE}).")
        private int roundRollouts;
    }

    @Command(
            name = "train",
            mixinStandardHelpOptions = true,
            description =
                    "Trains a policy on recorded rollouts. With the run's own configuration, which is the default,"
                            + " it reproduces the run's own weights.")
    int train(@Mixin SeededOptions configuration, @Mixin Options options, @Mixin PolicyOptions training)
            throws InterruptedException {
        Source source = Source.of(configuration);
        OutputFolder output = new OutputFolder(options.output);
        TransferProgress progress = TransferProgress.onStandardError();
        Path policy = training.from == null ? source.firstPolicy() : training.from;
        long trained = source.access()
                .read(run -> new PolicyTraining(run, source.config(), progress)
                        .run(
                                policy,
                                training.regroup ? Grouping.IN_ORDER : Grouping.RECORDED,
                                training.steps == null ? ALL : training.steps,
                                output));
        System.out.printf(Locale.ROOT, "%s; policy written to %s%n", Counts.of(trained, "step"), options.output);
        return 0;
    }

    @Command(
            name = "drafter",
            mixinStandardHelpOptions = true,
            description = "Distils a policy into a drafter on recorded rollouts, from scratch or from a drafter.")
    int drafter(@Mixin SeededOptions configuration, @Mixin Options options, @Mixin DrafterOptions training)
            throws InterruptedException {
        requirePositive("--epochs", training.epochs);
        requirePositive("--round", training.roundRollouts);
        Source source = Source.of(configuration);
        OutputFolder output = new OutputFolder(options.output);
        Checkpoint policy = Checkpoint.read(training.teacher == null ? source.lastPolicy() : training.teacher);
        Eagle3Checkpoint start = training.from == null
                ? scratch(policy, source.config().run().seed())
                : Eagle3Checkpoint.read(training.from);
        var rounds = source.access()
                .read(run -> new DrafterTraining(run, source.config(), TransferProgress.onStandardError())
                        .run(policy, start, training.epochs, training.roundRollouts, output));
        System.out.printf(
                Locale.ROOT,
                "%s; acceptance length %.3f at first, %.3f at last; drafter written to %s%n",
                Counts.of(rounds.size(), "round"),
                rounds.get(0).inForce(),
                rounds.get(rounds.size() - 1).candidate(),
                options.output);
        return 0;
    }

    @Command(
            name = "controller",
            mixinStandardHelpOptions = true,
            description =
                    "Runs the controller on recorded statistics and judges it by the run's comparisons of settings.")
    int controller(@Mixin ConfigurationOptions configuration, @Mixin Options options) throws InterruptedException {
        Source source = Source.of(configuration);
        OutputFolder output = new OutputFolder(options.output);
        var verdicts = source.access()
                .read(run -> new ControllerTrial(run, source.config().controller()).run(output));
        for (ControllerTrial.Verdict verdict : verdicts) {
            System.out.printf(
                    Locale.ROOT,
                    "%s on %s: %,d intervals, %.1f s of generation%n",
                    verdict.modelId(),
                    verdict.engineClass(),
                    verdict.intervals(),
                    verdict.judgement().milliseconds() / 1000);
            System.out.printf(
                    Locale.ROOT,
                    "  %s, %s; the same setting as the run in %.1f %% of the verify steps%n",
                    Counts.of(verdict.replay().tables().size(), "table"),
                    Counts.of(verdict.replay().alarms(), "alarm"),
                    verdict.replay().agreement() * 100);
            System.out.printf(
                    Locale.ROOT,
                    "  speed of the best setting by the run's pairs of turns: %.1f ± %.1f %% reached by these"
                            + " decisions, %.1f %% by the run (%.0f %% of the time can be judged)%n",
                    verdict.judgement().replayed() * 100,
                    verdict.judgement().error() * 100,
                    verdict.judgement().recorded() * 100,
                    verdict.judgement().judgedTime() * 100);
        }
        System.out.println("Tables written to " + options.output);
        return 0;
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s is %d: at least 1".formatted(option, value));
        }
    }

    private static Eagle3Checkpoint scratch(Checkpoint policy, long seed) {
        int[] ids = IntStream.range(0, policy.config().vocabularySize()).toArray();
        return DrafterPretraining.freshDrafter(policy, Eagle3Config.forTarget(policy.config()), ids, seed);
    }

    /** A run and its own configuration, with what the command line changes. */
    private record Source(RespecConfig config, RunAccess access) {
        static Source of(ConfigurationOptions configuration) {
            DataFolder folder = new DataFolder(configuration.load().run().dataDir());
            if (configuration.file == null && Files.exists(folder.configuration())) {
                configuration.file = folder.configuration();
            }
            RespecConfig config = InstalledModels.resolve(configuration.load());
            return new Source(config, new RunAccess(config, Installation.current()));
        }

        Path firstPolicy() {
            Path initial = access.folder().initialPolicy();
            return Files.isDirectory(initial) ? initial : Path.of(config.model().policy());
        }

        Path lastPolicy() {
            Path last = access.folder().finalPolicy();
            return Files.isDirectory(last) ? last : firstPolicy();
        }
    }
}
