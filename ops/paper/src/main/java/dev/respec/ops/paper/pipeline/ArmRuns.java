package dev.respec.ops.paper.pipeline;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.console.Counts;
import dev.respec.ops.console.Durations;
import dev.respec.ops.paper.experiment.JsonFile;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs arms, each seed of every arm before the next seed, so that a budget that ends early leaves arms with equally
 * many runs. A run that the folder already holds is read, not made again; one that was cut off is continued. A run that
 * fails is named, and the next call tries it again.
 */
public final class ArmRuns {
    private static final Logger log = LoggerFactory.getLogger(ArmRuns.class);
    /** What a run takes before one was timed: processes, evaluation and reading, and each step. */
    private static final double FIRST_GUESS_SECONDS = 60;

    private static final double FIRST_GUESS_SECONDS_PER_STEP = 3;

    private final RespecConfig base;
    private final Path folder;
    private final PipelineRunner runner;
    private double secondsSpent;
    private int runsMade;

    /** @param base models as folders */
    public ArmRuns(RespecConfig base, Path folder, PipelineRunner runner) {
        this.base = base;
        this.folder = folder;
        this.runner = runner;
    }

    /** The configuration that every arm changes. */
    RespecConfig base() {
        return base;
    }

    /**
     * What the runs measured.
     *
     * @param byArm in the order asked for, each with its runs by seed
     * @param failures runs that failed or that the budget left out
     */
    public record Outcome(Map<Arm, List<RunMeasurements>> byArm, List<String> failures) {
        public List<RunMeasurements> of(Arm arm) {
            return byArm.getOrDefault(arm, List.of());
        }

        /** Whether there is no run of any arm. */
        boolean isEmpty() {
            return byArm.values().stream().allMatch(List::isEmpty);
        }

        /** {@code 3 arms of 2 runs, 60 training steps each.} or the runs of each arm. */
        String size(int steps) {
            if (isEmpty()) {
                return "Nothing was measured: no run of any arm.";
            }
            String each = ", " + Counts.of(steps, "training step") + " each.";
            long counts = byArm.values().stream().map(List::size).distinct().count();
            if (counts == 1) {
                int runs = byArm.values().iterator().next().size();
                return Counts.of(byArm.size(), "arm") + " of " + Counts.of(runs, "run") + each;
            }
            return byArm.entrySet().stream()
                            .map(arm -> arm.getKey().name() + " "
                                    + (arm.getValue().isEmpty()
                                            ? "none"
                                            : arm.getValue().size()))
                            .collect(Collectors.joining(", ", "Runs by arm: ", ""))
                    + "; " + Counts.of(steps, "training step") + " each.";
        }

        /**
         * What a comparison of these arms lacks: {@code no run of arm plain.} Empty if each has a value.
         *
         * @param value NaN if a run does not have it
         */
        Optional<String> lacking(ToDoubleFunction<RunMeasurements> value, Arm... arms) {
            List<String> missing = new ArrayList<>();
            for (Arm arm : arms) {
                if (of(arm).isEmpty()) {
                    missing.add("no run of arm " + arm.name());
                } else if (of(arm).stream().mapToDouble(value).noneMatch(Double::isFinite)) {
                    missing.add("no run of arm " + arm.name() + " has a value for it");
                }
            }
            return missing.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", missing) + ".");
        }
    }

    /** As many of the runs as the time allows. */
    public Outcome run(List<Arm> arms, Session session) throws InterruptedException {
        Map<Arm, List<RunMeasurements>> byArm = new LinkedHashMap<>();
        arms.forEach(arm -> byArm.put(arm, new ArrayList<>()));
        List<String> failures = new ArrayList<>();
        int total = arms.size() * session.size().seeds();
        int done = 0;
        int missing = missing(arms, session.size());
        for (int seed = 1; seed <= session.size().seeds(); seed++) {
            for (Arm arm : arms) {
                done++;
                if (!Files.exists(measurements(arm, seed, session.size()))) {
                    session.progress()
                            .accept("run %d of %d, %s, seed %d, about %s for this and what follows here"
                                    .formatted(
                                            done,
                                            total,
                                            arm.name(),
                                            seed,
                                            Durations.text(missing-- * expectedSeconds(session.size()))));
                }
                try {
                    byArm.computeIfAbsent(arm, key -> new ArrayList<>()).add(run(arm, seed, session));
                } catch (LeftOutException | BadInputException e) {
                    failures.add(e.getMessage());
                } catch (RuntimeException e) {
                    log.atDebug().setCause(e).addKeyValue("arm", arm.name()).log("Run failed");
                    failures.add("%s, seed %d: failed: %s; its log is %s"
                            .formatted(
                                    arm.name(),
                                    seed,
                                    e.getMessage() == null ? e.toString() : e.getMessage(),
                                    console(arm, seed, session.size())));
                }
            }
        }
        return new Outcome(byArm, failures);
    }

    /** Runs that the folder does not hold. */
    private int missing(List<Arm> arms, Size size) {
        int missing = 0;
        for (int seed = 1; seed <= size.seeds(); seed++) {
            for (Arm arm : arms) {
                missing += Files.exists(measurements(arm, seed, size)) ? 0 : 1;
            }
        }
        return missing;
    }

    /** The budget does not allow a run. */
    private static final class LeftOutException extends RuntimeException {
        private static final long serialVersionUID = 1;

        LeftOutException(String message) {
            super(message);
        }
    }

    private RunMeasurements run(Arm arm, int seed, Session session) throws InterruptedException {
        Path run = folder(arm, seed, session.size());
        Path measured = measurements(arm, seed, session.size());
        RespecConfig config = Arms.resolve(base, arm, session.size(), seed, run);
        if (Files.exists(measured)) {
            return recorded(measured, config);
        }
        double expected = expectedSeconds(session.size());
        if (!session.limit().allows(expected)) {
            throw new LeftOutException("%s, seed %d: left out, a run takes about %s and the budget has %s left"
                    .formatted(
                            arm.name(),
                            seed,
                            Durations.text(expected),
                            Durations.text(Math.max(0, session.limit().secondsLeft()))));
        }
        long begun = System.nanoTime();
        try {
            Files.createDirectories(run);
            RunMeasurements result = runner.run(arm, seed, config, console(arm, seed, session.size()));
            JsonFile.write(measured, result);
            secondsSpent += (System.nanoTime() - begun) / 1e9;
            runsMade++;
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + measured + ": " + e.getMessage(), e);
        }
    }

    private static RunMeasurements recorded(Path file, RespecConfig config) {
        RunMeasurements measured;
        try {
            measured = JsonFile.read(file, RunMeasurements.class);
        } catch (IOException e) {
            throw new BadInputException(
                    "%s cannot be read (%s): delete it to measure the run again"
                            .formatted(file, BadInputException.firstLine(e)),
                    e);
        }
        List<String> settings = Arms.settings(config);
        if (!measured.settings().equals(settings)
                && !Arms.sameSettings(new DataFolder(config.run().dataDir()), measured.settings(), config)) {
            throw new BadInputException(
                    "%s was made with %s, but now the run has %s: delete the folder, or name another --out"
                            .formatted(file, measured.settings(), settings));
        }
        return measured;
    }

    private double expectedSeconds(Size size) {
        return runsMade == 0
                ? FIRST_GUESS_SECONDS + size.steps() * FIRST_GUESS_SECONDS_PER_STEP
                : secondsSpent / runsMade;
    }

    private Path folder(Arm arm, int seed, Size size) {
        return folder.resolve("%s-%d-steps-seed-%d".formatted(arm.name(), size.steps(), seed));
    }

    private Path measurements(Arm arm, int seed, Size size) {
        return folder(arm, seed, size).resolve("measured.json");
    }

    private Path console(Arm arm, int seed, Size size) {
        return folder(arm, seed, size).resolve("console.log");
    }
}
