package dev.respec.ops.replay;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.topics.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/** Tables in a data folder as {@code respec query} leaves them there, so that a finished run is read without a broker. */
public final class KeptTables {
    private KeptTables() {}

    public static void write(DataFolder folder, String runId, EventLog events) throws IOException {
        try (DuckDb database = DuckDb.open();
                TableCache cache = TableCache.open(folder.queries(), runId, database)) {
            for (QueryTable table : QueryTable.values()) {
                Path partition = Files.createDirectories(
                        folder.kafka().resolve(table.topic().name() + "-0"));
                Files.writeString(partition.resolve("00000000000000000000.log"), "records");
                cache.refresh(
                        table, LogFiles.state(folder.kafka(), table.topic().name()), events, TransferProgress.silent());
            }
        }
    }

    /** Repeats every scored rollout, each time under an id of its own and with other text behind its response. */
    public static void repeatRollouts(DataFolder folder, int times) throws IOException {
        try (DuckDb database = DuckDb.open();
                Stream<Path> files = Files.list(folder.queries())) {
            for (Path file : files.filter(each -> each.getFileName().toString().matches("scores\\..*parquet"))
                    .toList()) {
                Path many = database.file("many.parquet");
                database.execute("""
                        COPY (SELECT * REPLACE (rollout_id || '-' || i AS rollout_id, kafka_offset + 1000 * i AS kafka_offset,
                            response || ' ' || repeat(md5((1000 * i + kafka_offset)::VARCHAR), 8) AS response,
                            kafka_timestamp + to_seconds(i) AS kafka_timestamp)
                          FROM read_parquet('%s'), range(%d) AS copies(i) ORDER BY kafka_timestamp) TO '%s' (FORMAT parquet)
                        """.formatted(DuckDb.quoted(file), times, DuckDb.quoted(many)));
                Files.copy(many, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
