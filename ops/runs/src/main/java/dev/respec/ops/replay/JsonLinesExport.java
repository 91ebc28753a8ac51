package dev.respec.ops.replay;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.MinimalPrettyPrinter;
import dev.respec.topics.RecordedLog;
import dev.respec.topics.RecordedLog.Recorded;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** Recorded events as JSON objects, one per line. */
public final class JsonLinesExport {
    /** How often progress is asked: asking costs a little per partition. */
    private static final int PROGRESS_EVERY = 64;

    private final Selection selection;
    private final TokenText text;
    private final TransferProgress progress;

    public JsonLinesExport(Selection selection, TokenText text, TransferProgress progress) {
        this.selection = selection;
        this.text = text;
        this.progress = progress;
    }

    /**
     * Writes what the selection takes, in UTF-8, and leaves the stream open.
     *
     * @return lines written
     */
    public long write(RecordedLog log, OutputStream out) throws IOException {
        long written = 0;
        long seen = 0;
        JsonFactory factory = JsonFactory.builder().build().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.setPrettyPrinter(new MinimalPrettyPrinter("\n"));
            RecordJson records = new RecordJson(json, text);
            for (Optional<Recorded<?>> next = log.next(); next.isPresent(); next = log.next()) {
                if (selection.takes(next.get())) {
                    records.write(next.get());
                    written++;
                }
                if (++seen % PROGRESS_EVERY == 0) {
                    progress.at(log.done(), log.total());
                }
            }
            if (written > 0) {
                json.writeRaw('\n');
            }
        } finally {
            progress.end();
        }
        return written;
    }
}
