package dev.respec.ops.paper.lossy;

import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.sampling.Leniency;
import dev.respec.ops.cluster.ParentWatch;
import dev.respec.ops.cluster.Stages;
import dev.respec.stage.ExitCode;
import dev.respec.stage.StageProcess;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The program of a rollout worker that accepts a sampled draft token with min(1, 2 · p/q) instead of min(1, p/q): a token
 * that the policy finds half as likely as the drafter does is always kept. It is no subcommand and reads no key of its own;
 * a local run starts it in place of the product's worker if the experiment says so.
 */
public final class LossyWorker {
    private static final Logger log = LoggerFactory.getLogger(LossyWorker.class);

    /** Of the subcommand whose place it takes. */
    public static final String STAGE = Stages.WORKER.subcommand();

    /** Factor on the probability of acceptance. */
    public static final double LENIENCY = 2;

    /** Its supervisor restarts broker and registry, so it waits for them as long as that may take. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private LossyWorker() {}

    /** @param arguments as the worker's: the subcommand, {@code --config FILE} and any {@code --set KEY=VALUE} */
    public static void main(String[] arguments) throws InterruptedException {
        ParentWatch.startIfSupervised();
        RespecConfig config = configuration(arguments);
        ExitCode usable = StageProcess.guard(STAGE, () -> requireProcessor(config));
        if (usable != ExitCode.OK) {
            System.exit(usable.code());
        }
        Leniency.set(LENIENCY);
        log.atWarn().addKeyValue("leniency", LENIENCY).log("Verification is lossy");
        ParentWatch.awaitRelease();
        System.exit(StageProcess.run(Stages.WORKER.create(), config, PATIENCE));
    }

    static RespecConfig configuration(String... arguments) {
        Path file = null;
        List<String> settings = new ArrayList<>();
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--config" -> file = Path.of(arguments[i + 1]);
                case "--set" -> settings.add(arguments[i + 1]);
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
        return RespecConfig.load(file, Map.of(), settings);
    }

    /** Elsewhere tokens are drawn on the device, where no acceptance is computed that could be lenient. */
    static void requireProcessor(RespecConfig config) {
        if (!config.workerDevice().resolve(ComputeDevice::of).isCpu()) {
            throw new ConfigException("the lossy arm needs a worker on the processor: set worker.device=cpu");
        }
    }
}
