package dev.respec.stage;

import dev.respec.schemas.registry.SchemaRegistryException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.ClusterUnreachableException;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one stage as a process: asks for broker and registry, serves health and metrics, turns SIGTERM into {@link
 * StageContext#stop()}, waits a bounded time for the stage to end, and says why it failed: in one line
 * if the cause is known, with the stack trace if not.
 */
public final class StageProcess {
    private static final Logger log = LoggerFactory.getLogger(StageProcess.class);

    /** How long a stage waits for a broker and a registry that do not answer, unless its caller knows better. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Less than the 30 s after which Docker and Kubernetes kill. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);

    private StageProcess() {}

    /** The exit code; the caller exits with it. */
    public static int run(Stage stage, RespecConfig config) {
        return run(stage, config, PATIENCE);
    }

    /**
     * The exit code; the caller exits with it.
     *
     * @param patience how long to wait for a broker and a registry that do not answer
     */
    public static int run(Stage stage, RespecConfig config, Duration patience) {
        return guard(stage.name(), () -> runReachable(stage, config, patience)).code();
    }

    /** Runs the action, reports what it throws once, and turns it into an exit code. */
    public static ExitCode guard(String name, Action action) {
        try {
            action.run();
            return ExitCode.OK;
        } catch (ConfigException e) {
            return failed(name, e, ExitCode.USAGE);
        } catch (ClusterUnreachableException | SchemaRegistryException | UnreachableException e) {
            return failed(name, e, ExitCode.UNREACHABLE);
        } catch (BadInputException e) {
            return failed(name, e, ExitCode.BAD_INPUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return failed(name, e, ExitCode.FAILED);
        } catch (Exception | Error e) {
            return failed(name, e, ExitCode.FAILED);
        }
    }

    /** What may fail. */
    @FunctionalInterface
    public interface Action {
        void run() throws Exception;
    }

    private static void runReachable(Stage stage, RespecConfig config, Duration patience) throws Exception {
        var ended = new CountDownLatch(1);
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        metrics.config().meterFilter(new MetricSelection(config.http().metrics()));
        try (var events = new EventLog(config.cluster(), clientId(stage));
                var traces = Traces.of(config, stage.name())) {
            new Reachability(events::verifyReachable, System::nanoTime).await(patience);
            events.verifyProvisioned(TopicCatalogue.usedBy(stage.name()));
            var context = new StageContext(config, events, metrics, traces);
            var hook = new Thread(() -> stop(stage, context, ended), stage.name() + "-stop");
            Runtime.getRuntime().addShutdownHook(hook);
            try (var bound = StageMetrics.bind(metrics, events);
                    var http = StageHttp.start(config.http(), context, metrics)) {
                watchQueue(stage, events, bound);
                log.atInfo()
                        .addKeyValue("stage", stage.name())
                        .addKeyValue("http", http.address())
                        .log("Stage starts");
                stage.run(context);
                log.atInfo().addKeyValue("stage", stage.name()).log("Stage ends");
            } finally {
                remove(hook);
            }
        } finally {
            metrics.close();
            ended.countDown(); // last: the virtual machine goes when the hook has seen it
        }
    }

    private static void watchQueue(Stage stage, EventLog events, StageMetrics metrics) {
        var queue = TopicCatalogue.ROLLOUT_REQUESTS;
        if (queue.readers().contains(stage.name())) {
            metrics.watch(events.backlog(queue, TopicCatalogue.WORKER_GROUP), queue.name());
        }
    }

    /** Runs in the shutdown hook: the virtual machine waits for it, and it waits for the stage. */
    private static void stop(Stage stage, StageContext context, CountDownLatch ended) {
        context.stop();
        try {
            if (!ended.await(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                log.atWarn()
                        .addKeyValue("stage", stage.name())
                        .addKeyValue("timeout", STOP_TIMEOUT)
                        .log("Stage did not end in time and is cut off");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            log.atDebug().log("Already shutting down");
        }
    }

    private static ExitCode failed(String name, Throwable error, ExitCode code) {
        var text = error.getMessage() == null || code == ExitCode.FAILED ? error.toString() : error.getMessage();
        var line = text.lines().findFirst().orElse(text);
        log.atError()
                .addKeyValue("stage", name)
                .addKeyValue("exitCode", code.code())
                .setCause(code == ExitCode.FAILED ? error : null)
                .log(line);
        return code;
    }

    private static String clientId(Stage stage) {
        return stage.name() + "-" + ManagementFactory.getRuntimeMXBean().getPid();
    }
}
