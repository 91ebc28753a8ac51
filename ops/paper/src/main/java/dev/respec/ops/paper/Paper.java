package dev.respec.ops.paper;

import dev.respec.ops.cluster.Installation;
import dev.respec.ops.console.Console;
import dev.respec.ops.console.Durations;
import dev.respec.ops.console.ProgressBar;
import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.report.Machine;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs experiments one after the other and writes the page after each.
 *
 * <p>With a budget they run in rounds: each gets one run of each arm before any gets a second one. A round splits the time
 * that is left by weight among the experiments that are still to run, so that what one leaves over goes to the next, and a
 * last round goes to those that had to leave something out. Each round also sees the runs that other experiments have made
 * of arms that they share; an experiment without time reads what the folder holds.
 *
 * <p>An experiment that fails is named in the results and stops no other.
 */
public final class Paper {
    private static final Logger log = LoggerFactory.getLogger(Paper.class);
    private static final Duration UNLIMITED = Duration.ofDays(365);

    private final ResultsFolder folder;
    private final List<String> order;
    private final Size size;
    private final Duration budget;
    private final Console console;
    private final long startNanos = System.nanoTime();

    /**
     * @param order names of all experiments, in the order of the page
     * @param budget time for all; null for no limit
     */
    public Paper(ResultsFolder folder, List<String> order, Size size, @Nullable Duration budget, Console console) {
        this.folder = folder;
        this.order = List.copyOf(order);
        this.size = size;
        this.budget = budget == null ? UNLIMITED : budget;
        this.console = console;
    }

    /** The findings of these experiments. */
    public List<Findings> run(List<Experiment> experiments) throws InterruptedException {
        folder.requireWritable();
        folder.read(); // refuses a file that is not ours before anything is measured
        Machine machine = Machine.of(Installation.current());
        Map<String, Findings> found = new LinkedHashMap<>();
        if (budget.equals(UNLIMITED)) {
            round(experiments, size, found, machine);
            return List.copyOf(found.values());
        }
        for (int seeds = 1; seeds <= size.seeds(); seeds++) {
            round(seeds == 1 ? experiments : measured(experiments), size.withSeeds(seeds), found, machine);
        }
        round(incomplete(experiments, found), size, found, machine);
        return List.copyOf(found.values());
    }

    /** Those that take time; the others find the same each time. */
    private static List<Experiment> measured(List<Experiment> experiments) {
        return experiments.stream().filter(each -> each.weight() > 0).toList();
    }

    private static List<Experiment> incomplete(List<Experiment> experiments, Map<String, Findings> found) {
        return experiments.stream()
                .filter(each -> {
                    Findings findings = found.get(each.name());
                    return findings != null && !findings.failures().isEmpty();
                })
                .toList();
    }

    private void round(List<Experiment> experiments, Size sizeOfRound, Map<String, Findings> found, Machine machine)
            throws InterruptedException {
        for (int i = 0; i < experiments.size(); i++) {
            Experiment experiment = experiments.get(i);
            console.line(String.format("%-14s %s", experiment.name(), experiment.title()));
            TimeLimit limit = new TimeLimit(System::nanoTime, share(experiments.subList(i, experiments.size())));
            int done = i;
            Findings findings = run(
                    experiment,
                    new Session(sizeOfRound, limit, line -> progress(experiment, line, done, experiments.size())));
            console.clearBottom();
            folder.add(findings, order, machine);
            if (!findings.equals(found.put(experiment.name(), findings))) {
                show(findings);
            }
        }
    }

    private void show(Findings findings) {
        findings.claims().forEach(claim -> console.line("    " + claim.statement() + ". " + claim.sentence()));
        findings.failures().forEach(failure -> console.line("  ! " + failure));
    }

    private static Findings run(Experiment experiment, Session session) throws InterruptedException {
        try {
            return experiment.run(session);
        } catch (RuntimeException e) {
            log.atDebug()
                    .setCause(e)
                    .addKeyValue("experiment", experiment.name())
                    .log("Experiment failed");
            return notMeasured(experiment, "it failed: " + (e.getMessage() == null ? e : e.getMessage()));
        }
    }

    private static Findings notMeasured(Experiment experiment, String why) {
        return new Findings(
                experiment.name(),
                experiment.title(),
                "Nothing was measured.",
                List.of(Claim.notMeasured(experiment.title(), "ReSpec", why)),
                List.of(),
                List.of(),
                List.of(experiment.name() + ": " + why));
    }

    private Duration share(List<Experiment> left) {
        int weights = left.stream().mapToInt(Experiment::weight).sum();
        int own = left.get(0).weight();
        return weights == 0 ? remaining() : remaining().multipliedBy(own).dividedBy(Math.max(1, weights));
    }

    private Duration remaining() {
        Duration left = budget.minusNanos(System.nanoTime() - startNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }

    private void progress(Experiment experiment, String line, int done, int total) {
        String left = budget.equals(UNLIMITED)
                ? ""
                : ", at most " + Durations.text(remaining().toMillis() / 1000.0) + " left";
        if (console.isTerminal()) {
            console.bottom(ProgressBar.render("experiment", done, total, Double.NaN) + left + "; " + experiment.name()
                    + ": " + line);
        } else {
            console.line("    " + line + left);
        }
    }
}
