package dev.respec.ops.paper.simulation;

import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.simulation.PipelineSimulation.Result;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Where each stage saturates between 1 and 512 workers, and what the paper's table says about 8 + 8 GPUs. */
public final class ScaleExperiment implements Experiment {
    private static final List<Integer> WORKERS = List.of(1, 2, 4, 8, 16, 32, 64, 128, 256, 512);
    private static final int TRAINING_STEPS = 6;
    private static final int SLOTS = 32;
    private static final int GROUP_SIZE = 8;
    private static final int PROMPTS_PER_WORKER = 16;
    private static final int STALENESS = 2;
    private static final long SEED = 17;

    /** Of one network interface of 10 Gbit/s in front of the store. */
    private static final double STORE_BYTES_PER_SECOND = 1.25e9;

    /** A stage that is busy for this share of the time is taken to be saturated. */
    private static final double SATURATED = 0.95;

    private static final int PAPER_WORKERS = 8;

    private static final Map<String, ToDoubleFunction<Result>> STAGES = stages();

    private final Path runs;

    /** @param runs folder in which recorded runs are looked for */
    public ScaleExperiment(Path runs) {
        this.runs = runs;
    }

    private static Map<String, ToDoubleFunction<Result>> stages() {
        Map<String, ToDoubleFunction<Result>> stages = new LinkedHashMap<>();
        stages.put("workers", Result::workersBusy);
        stages.put("one scorer", Result::scorerBusy);
        stages.put("one controller", Result::controllerBusy);
        stages.put("trainer", Result::trainerBusy);
        stages.put("trainer's reader", Result::readerBusy);
        stages.put("artefact store", Result::storeBusy);
        return stages;
    }

    @Override
    public String name() {
        return "scale";
    }

    @Override
    public String title() {
        return "1 to 512 workers, and the paper's 8 + 8 GPUs (simulated)";
    }

    @Override
    public int weight() {
        return 0;
    }

    @Override
    public Findings run(Session session) {
        RecordedWorkloads.Recorded recorded = RecordedWorkloads.newest(runs);
        Workload workload = recorded.workload();
        List<Result> oneTrainer = simulate(workload, 1);
        List<Result> growing = simulate(workload, 0);
        PaperCase paper = PaperCase.simulate(workload);
        return new Findings(
                name(),
                title(),
                String.format(
                        Locale.ROOT,
                        "Discrete-event simulation from %s: %.0f tokens per response on average, %d prompts per step and worker, %d rollouts per prompt, staleness %d, %d slots; service rates of 'respec bench scale'; %.1f MB of weights to each worker after each step over 10 Gbit/s.",
                        recorded.source(),
                        workload.meanTokens(),
                        PROMPTS_PER_WORKER,
                        GROUP_SIZE,
                        STALENESS,
                        SLOTS,
                        workload.policyBytes() / 1e6),
                List.of(feeding(growing), paper.claim()),
                List.of(throughput(oneTrainer, growing), utilisation(growing)),
                List.of(saturation(oneTrainer, growing), paper.table()),
                List.of());
    }

    /** @param trainers 0 for one per worker */
    private static List<Result> simulate(Workload workload, int trainers) {
        List<Result> results = new ArrayList<>();
        for (int workers : WORKERS) {
            Cluster cluster = new Cluster(
                    workers,
                    SLOTS,
                    GROUP_SIZE,
                    PROMPTS_PER_WORKER * workers,
                    STALENESS,
                    trainers == 0 ? workers : trainers,
                    Cluster.Rates.MEASURED,
                    STORE_BYTES_PER_SECOND);
            results.add(new PipelineSimulation(cluster, workload, SEED).run(TRAINING_STEPS));
        }
        return results;
    }

    private static Claim feeding(List<Result> growing) {
        Result result = growing.get(WORKERS.indexOf(PAPER_WORKERS));
        double busiest = Math.max(result.scorerBusy(), Math.max(result.controllerBusy(), result.readerBusy()));
        return new Claim(
                "One scorer, one controller and one reader feed 8 workers of this policy, as many as GPUs generate in the paper",
                "ours, for the paper's 7B and 14B set-up",
                Verdict.of(busiest < SATURATED),
                String.format(
                        Locale.ROOT,
                        "at %d workers the busiest of the three is busy %.0f %% of the time; a stage counts as saturated from %.0f %%.",
                        PAPER_WORKERS,
                        100 * busiest,
                        100 * SATURATED));
    }

    private static Plot throughput(List<Result> oneTrainer, List<Result> growing) {
        List<Double> ideal =
                WORKERS.stream().map(workers -> Math.log(workers) / Math.log(2)).toList();
        return new Plot(
                "Rollouts per second by workers, in doublings",
                "workers",
                "Doublings of the throughput of one worker with one trainer: 0 is as much, 3 is 8 times as much, 10 is 1,024 times.",
                Plot.Shape.LINES,
                places(),
                List.of(
                        doublings("trainers grow with the workers", growing, oneTrainer.get(0)),
                        doublings("one trainer", oneTrainer, oneTrainer.get(0)),
                        new Curve("in proportion", Curve.Origin.REFERENCE, positions(), ideal, List.of())));
    }

    private static Curve doublings(String name, List<Result> results, Result one) {
        return new Curve(
                name,
                Curve.Origin.OURS,
                positions(),
                results.stream()
                        .map(result -> Math.log(result.rolloutsPerSecond() / one.rolloutsPerSecond()) / Math.log(2))
                        .toList(),
                List.of());
    }

    private static Plot utilisation(List<Result> growing) {
        List<Curve> curves = new ArrayList<>();
        STAGES.forEach((stage, share) -> curves.add(new Curve(
                stage,
                Curve.Origin.OURS,
                positions(),
                growing.stream()
                        .map(result -> 100 * share.applyAsDouble(result))
                        .toList(),
                List.of())));
        return new Plot(
                "How busy each stage is, trainers growing with the workers",
                "workers",
                "Per cent of the time.",
                Plot.Shape.LINES,
                places(),
                curves);
    }

    private static ValueTable saturation(List<Result> oneTrainer, List<Result> growing) {
        List<List<String>> rows = new ArrayList<>();
        STAGES.forEach((stage, share) ->
                rows.add(List.of(stage, saturatedAt(oneTrainer, share), saturatedAt(growing, share))));
        rows.add(List.of("rollouts per second at 512 workers", last(oneTrainer), last(growing)));
        return new ValueTable(
                "Fewest workers at which a stage is busy 95 % of the time",
                List.of("stage", "one trainer", "trainers grow with the workers"), rows);
    }

    private static String last(List<Result> results) {
        return String.format(
                Locale.ROOT, "%,.0f", results.get(results.size() - 1).rolloutsPerSecond());
    }

    private static String saturatedAt(List<Result> results, ToDoubleFunction<Result> share) {
        for (int i = 0; i < results.size(); i++) {
            if (share.applyAsDouble(results.get(i)) >= SATURATED) {
                return WORKERS.get(i).toString();
            }
        }
        return "not up to 512";
    }

    private static List<String> places() {
        return WORKERS.stream().map(String::valueOf).toList();
    }

    private static List<Double> positions() {
        List<Double> positions = new ArrayList<>();
        for (int i = 0; i < WORKERS.size(); i++) {
            positions.add((double) i);
        }
        return positions;
    }
}
