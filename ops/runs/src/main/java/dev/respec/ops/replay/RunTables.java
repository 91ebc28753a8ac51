package dev.respec.ops.replay;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.cluster.RunFile;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings a query the tables that it names. The tables of a run in a data folder are kept there: if nothing was written
 * since they were read, neither broker nor registry is asked. Their files stay as they are until this is closed.
 */
public final class RunTables implements AutoCloseable {
    private final DuckDb database;
    private final List<QueryTable> wanted;
    private final TransferProgress progress;
    private @Nullable TableCache cache;

    public RunTables(RunQuery query, TransferProgress progress) {
        this(query.database(), query.tables(), progress);
    }

    /** @param wanted tables that the database is brought */
    RunTables(DuckDb database, List<QueryTable> wanted, TransferProgress progress) {
        this.database = database;
        this.wanted = List.copyOf(wanted);
        this.progress = progress;
    }

    /** From wherever the run is. */
    public void load(RunAccess access) throws InterruptedException {
        if (wanted.isEmpty()) {
            return;
        }
        DataFolder folder = access.folder();
        Optional<RunFile> local = access.localRun();
        if (local.isPresent() && loadUnchanged(folder, local.get())) {
            return;
        }
        // For a run that is over a broker is started: it reads all tables, so that it is not started again for the
        // next.
        boolean over = local.map(RunFile::status)
                .filter(RunFile.Status.FINISHED::equals)
                .isPresent();
        List<QueryTable> tables = over ? List.of(QueryTable.values()) : wanted;
        Path kept = local.isPresent() ? folder.queries() : database.file("tables");
        access.read(run -> {
            read(run, tables, kept, folder.kafka());
            return true;
        });
    }

    /** What the broker's files say is current needs no broker, whether one runs or not. */
    private boolean loadUnchanged(DataFolder folder, RunFile run) {
        TableCache opened = open(folder.queries(), run.runId());
        Map<QueryTable, List<Path>> files = new HashMap<>();
        for (QueryTable table : wanted) {
            Optional<List<Path>> current = opened.current(
                    table, LogFiles.state(folder.kafka(), table.topic().name()));
            if (current.isEmpty()) {
                close();
                return false;
            }
            files.put(table, current.get());
        }
        files.forEach((table, found) -> table.bind(database, found));
        return true;
    }

    /** Reads what the cache lacks of the tables. */
    void read(OpenRun run, List<QueryTable> tables, Path cacheFolder, Path brokerFolder) {
        TableCache opened = open(cacheFolder, run.runId());
        for (QueryTable table : tables) {
            String state = LogFiles.state(brokerFolder, run.events().topicName(table.topic()));
            table.bind(database, opened.refresh(table, state, run.events(), progress));
        }
    }

    private TableCache open(Path folder, String runId) {
        close();
        TableCache opened = TableCache.open(folder, runId, database);
        cache = opened;
        return opened;
    }

    @Override
    public void close() {
        if (cache != null) {
            cache.close();
            cache = null;
        }
    }
}
