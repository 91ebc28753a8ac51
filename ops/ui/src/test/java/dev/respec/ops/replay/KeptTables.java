package dev.respec.ops.replay;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.topics.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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
}
