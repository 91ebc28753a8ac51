package dev.respec.ops.replay;

import dev.respec.stage.BadInputException;
import dev.respec.topics.EventLog;
import dev.respec.topics.LogRange;
import dev.respec.topics.RecordedLog;
import dev.respec.topics.Topic;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import org.apache.avro.specific.SpecificData;

/** Writes topics of a run to files, which appear whole or not at all. */
public final class RunExport {
    private final EventLog events;
    private final LogRange range;
    private final Selection selection;
    private final TokenText text;
    private final TransferProgress progress;

    /** What the files are; Parquet for data frames, JSON Lines for everything else. */
    public enum Format {
        JSONL,
        PARQUET;

        /** What the names of such files end with. */
        public String ending() {
            return "." + name().toLowerCase(Locale.ROOT);
        }
    }

    /** What became of a topic: {@code undecodable} are left out. */
    public record Exported(long records, long undecodable) {}

    public RunExport(EventLog events, LogRange range, Selection selection, TokenText text, TransferProgress progress) {
        this.events = events;
        this.range = range;
        this.selection = selection;
        this.text = text;
        this.progress = progress;
    }

    /** One topic to a stream. */
    public Exported toStream(Topic<?> topic, OutputStream out) throws IOException {
        try (RecordedLog log = events.recorded(List.of(topic), range)) {
            long written = new JsonLinesExport(selection, text, progress).write(log, out);
            return new Exported(written, log.undecodable());
        }
    }

    /** One topic to a file; an older file of the name is replaced. */
    public Exported toFile(Topic<?> topic, Format format, Path file) {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            try {
                Exported exported = format == Format.JSONL ? jsonLines(topic, part) : parquet(topic, part);
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
                return exported;
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            throw new BadInputException("%s cannot be written (%s): choose another --output".formatted(file, e), e);
        }
    }

    private Exported jsonLines(Topic<?> topic, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            return toStream(topic, out);
        }
    }

    private Exported parquet(Topic<?> topic, Path file) throws IOException {
        try (DuckDb database = DuckDb.open()) {
            Path lines = database.file("export.jsonl");
            Exported exported = jsonLines(topic, lines);
            String rows = QueryTable.of(topic)
                    .map(table -> table.exportedRows(lines))
                    .orElseGet(() -> "SELECT * FROM " + DuckDb.jsonLines(lines, columns(topic)));
            database.execute("CREATE TABLE exported AS " + rows);
            database.execute("COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION zstd)"
                    .formatted(new StructMaps(database).rows("exported"), DuckDb.quoted(file)));
            return exported;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<SqlTypes.Column> columns(Topic<?> topic) {
        return SqlTypes.columns(SpecificData.get().getSchema(topic.valueType()));
    }
}
