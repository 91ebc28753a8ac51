package dev.respec.ops.ui;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.NotFoundResponse;
import java.util.List;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page in a browser: serves the views of one or more runs until it is closed. Thread-safe. */
public final class RunPage implements AutoCloseable {
    /** One for each viewer, who holds it, and a few for questions. */
    private static final int MOST_THREADS = 400;

    private static final Logger log = LoggerFactory.getLogger(RunPage.class);

    private final PageAddress address;
    private final List<WatchedRun> runs;
    private final Javalin server;
    private final Thread hook = new Thread(this::stop, "run-page-stop");

    private RunPage(PageAddress address, List<WatchedRun> runs) {
        this.address = address;
        this.runs = List.copyOf(runs);
        this.server = Javalin.create(this::configure);
    }

    /**
     * Starts serving.
     *
     * @param runs by the number that the page names them by; closed with the page
     * @throws ConfigException if the port is taken, or the address is not one of this machine
     */
    public static RunPage start(PageAddress address, List<WatchedRun> runs) {
        RunPage page = new RunPage(address, runs);
        try {
            address.verifyFree(); // the server would log a failure as an error of its own
            page.server.start();
            Runtime.getRuntime().addShutdownHook(page.hook);
            return page;
        } catch (ConfigException e) {
            page.close();
            throw e;
        } catch (RuntimeException e) {
            page.close();
            throw new ConfigException(
                    "cannot serve the page at %s:%d (%s): choose another --host or --port"
                            .formatted(address.host(), address.port(), reason(e)),
                    e);
        }
    }

    private static String reason(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return BadInputException.firstLine(cause);
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.jetty.host = address.host();
        config.jetty.port = address.port();
        QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 2);
        threads.setDaemon(true);
        threads.setName("run-page");
        config.jetty.threadPool = threads;
        PageGuard guard = new PageGuard(address);
        RunQuestions questions = new RunQuestions(runs);
        config.routes.before(guard::check);
        config.routes.get("/", context -> PageFiles.own(context, "index.html"));
        config.routes.get("/page/{file}", context -> PageFiles.own(context, context.pathParam("file")));
        config.routes.get("/charts/{file}", context -> PageFiles.charts(context, context.pathParam("file")));
        config.routes.get("/api/runs", questions::runs);
        config.routes.get("/api/runs/{run}/events", questions::events);
        config.routes.get("/api/runs/{run}/rows/{feed}", questions::rows);
        config.routes.get("/api/runs/{run}/queries/{query}", questions::query);
        config.routes.get("/api/runs/{run}/rollouts", questions::rollouts);
        config.routes.get("/api/runs/{run}/rollout", questions::rollout);
        config.routes.get("/api/compare", questions::compare);
        refusals(config);
    }

    /** One line each. */
    private static void refusals(JavalinConfig config) {
        config.routes.exception(
                HttpResponseException.class, (error, context) -> tell(context, error.getStatus(), error.getMessage()));
        config.routes.exception(BadInputException.class, (error, context) -> tell(context, 400, error.getMessage()));
        config.routes.exception(
                ConfigException.class,
                (error, context) -> tell(
                        context, 400, "a run's configuration is of another version of respec: " + error.getMessage()));
        config.routes.exception(RuntimeException.class, RunPage::failed);
    }

    private static void tell(Context context, int status, @Nullable String line) {
        context.status(status).contentType("text/plain; charset=utf-8").result(String.valueOf(line));
    }

    /** The answer has one line, the log the rest. */
    private static void failed(RuntimeException error, Context context) {
        log.atError().addKeyValue("path", context.path()).setCause(error).log("Page cannot answer");
        tell(context, 500, "the page cannot answer: " + reason(error));
    }

    static WatchedRun find(List<WatchedRun> runs, String number) {
        if (!number.matches("\\d{1,4}") || Integer.parseInt(number) >= runs.size()) {
            throw new NotFoundResponse("there is no run %s: this page has %s"
                    .formatted(
                            number,
                            runs.isEmpty() ? "none" : runs.size() == 1 ? "run 0" : "0 to " + (runs.size() - 1)));
        }
        return runs.get(Integer.parseInt(number));
    }

    /** What the user opens, with the token if one is needed. */
    public String url() {
        String host = address.host().contains(":") ? "[" + address.host() + "]" : address.host();
        return "http://" + host + ":" + server.port() + (address.token() == null ? "" : "/?token=" + address.token());
    }

    /** Idempotent; also called when the virtual machine ends. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            return; // the hook does it
        }
        stop();
    }

    private synchronized void stop() {
        runs.forEach(WatchedRun::close);
        server.stop();
    }
}
