package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.BadInputException;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers what the page asks, in JSON. */
final class RunQuestions {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<WatchedRun> runs;

    RunQuestions(List<WatchedRun> runs) {
        this.runs = runs;
    }

    /** All runs. */
    void runs(Context context) {
        requireParameters(context);
        ArrayNode all = JSON.createArrayNode();
        for (int i = 0; i < runs.size(); i++) {
            ObjectNode run = all.addObject().put("number", i);
            run.put("folder", runs.get(i).home().place());
            try {
                runs.get(i).home().runId().ifPresent(id -> run.put("run", id));
            } catch (BadInputException unreadable) {
                run.put("error", unreadable.getMessage());
            }
        }
        answer(context, all.toString());
    }

    /** What the run has and what comes, until the viewer is gone. The folder may be without a run yet. */
    void events(Context context) throws IOException {
        requireParameters(context);
        new EventStream(RunPage.find(runs, context.pathParam("run"))).serve(context);
    }

    /** All rows of a feed. */
    void rows(Context context) {
        requireParameters(context);
        WatchedRun run = run(context);
        Feed feed = Feed.named(context.pathParam("feed"))
                .orElseThrow(() -> new NotFoundResponse("there are no rows '%s': one of %s"
                        .formatted(
                                context.pathParam("feed"),
                                Arrays.stream(Feed.values()).map(Feed::key).collect(Collectors.joining(", ")))));
        if (database(context, run) != null) {
            answer(context, array(run.rows().all(feed)));
        }
    }

    /** A query that ships with the command. */
    void query(Context context) {
        requireParameters(context);
        WatchedRun run = run(context);
        String name = context.pathParam("query");
        if (!RunDatabase.queries().contains(name)) {
            throw new NotFoundResponse(
                    "there is no query '%s': one of %s".formatted(name, String.join(", ", RunDatabase.queries())));
        }
        RunDatabase database = database(context, run);
        if (database != null) {
            String statement = RunDatabase.shipped(name);
            answer(context, run.answers().of(name, database, () -> array(database.rows(statement, List.of()))));
        }
    }

    void rollouts(Context context) {
        RolloutSearch search = RolloutSearch.of(context.queryParamMap());
        RunDatabase database = database(context, run(context));
        if (database != null) {
            answer(context, search.answer(database));
        }
    }

    void rollout(Context context) {
        requireParameters(context, "id");
        WatchedRun run = run(context);
        String id = context.queryParam("id");
        if (id == null || id.isBlank()) {
            throw new BadInputException("rollout: name the rollout with id=ROLLOUT");
        }
        RunDatabase database = database(context, run);
        if (database != null) {
            answer(
                    context,
                    RolloutView.of(database, run.tokens(), id)
                            .orElseThrow(() -> new NotFoundResponse("the run has no rollout '" + id + "'")));
        }
    }

    void compare(Context context) {
        requireParameters(context, "run");
        List<WatchedRun> compared = context.queryParams("run").stream()
                .map(number -> present(RunPage.find(runs, number)))
                .toList();
        if (compared.isEmpty()) {
            throw new BadInputException("compare: name the runs with run=NUMBER, once for each");
        }
        answer(context, RunComparison.of(compared));
    }

    private WatchedRun run(Context context) {
        return present(RunPage.find(runs, context.pathParam("run")));
    }

    /** A folder may be served that has no run, or none yet. */
    private static WatchedRun present(WatchedRun run) {
        if (run.home().runId().isEmpty()) {
            throw new NotFoundResponse("no run in " + run.home().place());
        }
        return run;
    }

    /** A name that nobody reads is a mistake of the asker, which an answer would hide. */
    private static void requireParameters(Context context, String... known) {
        List<String> names = List.of(known);
        context.queryParamMap().keySet().stream()
                .filter(name -> !names.contains(name) && !name.equals(PageGuard.TOKEN))
                .findFirst()
                .ifPresent(name -> {
                    throw new BadInputException("there is no parameter '%s' here: %s"
                            .formatted(name, names.isEmpty() ? "none is read" : "give " + String.join(", ", names)));
                });
    }

    /** Null if the run has not been read yet; the response then says so. */
    private static @Nullable RunDatabase database(Context context, WatchedRun run) {
        RunDatabase database = run.database().orElse(null);
        if (database == null) {
            context.status(202)
                    .contentType("application/json")
                    .header("Retry-After", "1")
                    .result(run.rows().state());
        }
        return database;
    }

    private static void answer(Context context, String json) {
        context.contentType("application/json").result(json);
    }

    private static String array(List<String> rows) {
        return "[" + String.join(",", rows) + "]";
    }
}
