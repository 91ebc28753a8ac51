package dev.respec.ops.ui;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Server-sent events of one viewer: everything since the run's start, then what comes. */
final class EventStream {
    private static final long HEARTBEAT_MILLISECONDS = 10_000;

    private final WatchedRun run;

    EventStream(WatchedRun run) {
        this.run = run;
    }

    /** Returns when the viewer is gone or the page is closed. */
    void serve(Context context) throws IOException {
        context.res().setContentType("text/event-stream");
        context.res().setCharacterEncoding("utf-8");
        OutputStream out = context.res().getOutputStream();
        RunRows.Cursor cursor = new RunRows.Cursor();
        run.enter();
        try {
            while (!run.isClosed()) {
                RunRows.News news = run.rows().next(cursor, HEARTBEAT_MILLISECONDS);
                write(out, news == null ? ": nothing new\n\n" : text(news));
            }
            write(out, "event: closed\ndata: {}\n\n");
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (IOException viewerIsGone) {
            // it opens another one if it comes back
        } finally {
            run.leave();
        }
    }

    private static String text(RunRows.News news) {
        StringBuilder text = new StringBuilder();
        if (news.reset()) {
            text.append("event: reset\ndata: {}\n\n");
        }
        for (Map.Entry<Feed, List<String>> each : news.rows().entrySet()) {
            text.append("event: ").append(each.getKey().key()).append("\ndata: [");
            text.append(String.join(",", each.getValue())).append("]\n\n");
        }
        return text.append("event: state\ndata: ")
                .append(news.state())
                .append("\n\n")
                .toString();
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
