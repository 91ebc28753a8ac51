package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.BadInputException;
import io.javalin.http.Context;
import io.javalin.http.NotFoundResponse;
import java.util.List;
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

    /** All rows of a feed. */
    void rows(Context context) {
        WatchedRun run = run(context);
        Feed feed = Feed.named(context.pathParam("feed"))
                .orElseThrow(() -> new NotFoundResponse("there are no rows " + context.pathParam("feed")));
        if (database(context, run) != null) {
            answer(context, array(run.rows().all(feed)));
        }
    }

    /** A query that ships with the command. */
    void query(Context context) {
        WatchedRun run = run(context);
        RunDatabase database = database(context, run);
        if (database != null) {
            String name = context.pathParam("query");
            String statement = RunDatabase.shipped(name);
            answer(context, run.answers().of(name, database, () -> array(database.rows(statement, List.of()))));
        }
    }

    void rollouts(Context context) {
        RunDatabase database = database(context, run(context));
        if (database != null) {
            RolloutSearch search = RolloutSearch.of(context.queryParamMap());
            answer(context, search.answer(database));
        }
    }

    void rollout(Context context) {
        WatchedRun run = run(context);
        RunDatabase database = database(context, run);
        if (database != null) {
            answer(context, RolloutView.of(database, run.tokens(), String.valueOf(context.queryParam("id"))));
        }
    }

    void compare(Context context) {
        answer(
                context,
                RunComparison.of(context.queryParams("run").stream()
                        .map(number -> RunPage.find(runs, number))
                        .toList()));
    }

    private WatchedRun run(Context context) {
        return RunPage.find(runs, context.pathParam("run"));
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
