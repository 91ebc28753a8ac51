package dev.respec.ops;

import dev.respec.ops.console.Console;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.paper.Experiments;
import dev.respec.ops.paper.Paper;
import dev.respec.ops.paper.ResultsFolder;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.stage.ExitCode;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The claims of the paper, measured on this pipeline. */
@Command(
        name = "paper",
        mixinStandardHelpOptions = true,
        description =
                "Measures the claims of the ReSpec paper on this machine, figure by figure: one page, one sentence"
                        + " per claim. Measurements that the folder already holds are not repeated.")
final class PaperCommand implements Callable<Integer> {
    private static final int INTERRUPTED = 130;
    private static final Pattern BUDGET = Pattern.compile("([1-9]\\d{0,5})(s|m|h)");

    @Mixin
    private final SeededOptions configuration = new SeededOptions();

    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Experiments to run; 'all' for every one.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--list", description = "Shows the experiments and runs nothing.")
    private boolean list;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "respec-paper",
            description = "Folder for results.json, paper.html and the runs (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("respec-paper");

    @Option(
            names = "--budget",
            paramLabel = "TIME",
            description = "Most time for all of them, such as 40m or 2h; no run begins that would not end in it. Each"
                    + " experiment gets one run of each arm before any gets a second.")
    private @Nullable String budget;

    @Option(names = "--quick", description = "Small enough to see in minutes that everything works; decides little.")
    private boolean quick;

    @Option(names = "--steps", paramLabel = "N", description = "Training steps of each run.")
    private @Nullable Integer steps;

    @Option(names = "--seeds", paramLabel = "N", description = "Runs of each arm, each with a seed of its own.")
    private @Nullable Integer seeds;

    @Option(names = "--prompts", paramLabel = "N", description = "Held-out prompts that a run's policy is judged on.")
    private @Nullable Integer prompts;

    @Override
    public Integer call() throws InterruptedException {
        RespecConfig config = InstalledModels.resolve(configuration.load());
        ResultsFolder folder = new ResultsFolder(out);
        Experiments experiments = new Experiments(config, folder);
        if (list) {
            experiments.all().forEach(each -> System.out.printf("%-14s %s%n", each.name(), each.title()));
            return ExitCode.OK.code();
        }
        if (names.isEmpty()) {
            throw new ConfigException("name the experiments to run, or 'all'; 'respec paper --list' shows them");
        }
        Paths.requireWritableFolder("--out", out);
        Console console = Console.standard();
        Paper paper = new Paper(folder, experiments.names(), size(), time(budget), console);
        Thread stopped = new Thread(
                () -> console.line("Stopped. The same command goes on from what is in " + folder.root() + "."),
                "paper-stopped");
        Runtime.getRuntime().addShutdownHook(stopped);
        try {
            List<Findings> findings = paper.run(experiments.named(names));
            console.line("");
            console.line("Page: " + folder.page());
            boolean complete =
                    findings.stream().allMatch(each -> each.failures().isEmpty());
            return complete ? ExitCode.OK.code() : ExitCode.FAILED.code();
        } catch (InterruptedException interrupted) {
            return INTERRUPTED;
        } finally {
            remove(stopped);
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The hook is what runs now.
        }
    }

    private Size size() {
        Size size = quick ? Size.quick() : Size.full();
        size = steps == null ? size : size.withSteps(steps);
        size = prompts == null ? size : size.withEvaluationPrompts(prompts);
        return seeds == null ? size : size.withSeeds(seeds);
    }

    private static @Nullable Duration time(@Nullable String budget) {
        if (budget == null) {
            return null;
        }
        Matcher parts = BUDGET.matcher(budget);
        if (!parts.matches()) {
            throw new ConfigException("--budget is '%s': expected a time such as 90s, 40m or 2h".formatted(budget));
        }
        long amount = Long.parseLong(parts.group(1));
        return switch (parts.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }
}
