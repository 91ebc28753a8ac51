package dev.respec.ops;

import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.replay.RunQuery;
import dev.respec.ops.replay.RunTables;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.stage.config.ConfigException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** SQL over a run. */
@Command(
        name = "query",
        mixinStandardHelpOptions = true,
        description = "Asks a run in SQL: its requests, rollouts, scores, steps, statistics, settings.")
final class QueryCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "SQL|NAME",
            description = "An SQL statement, or the name of a query or table of --list.")
    private @Nullable String sql;

    @Option(names = "--list", description = "Shows the named queries, and the tables with their columns.")
    private boolean list;

    @Option(names = "--json", description = "Prints a JSON array of objects.")
    private boolean json;

    @Option(names = "--csv", description = "Prints comma-separated values.")
    private boolean csv;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "100",
            description = "Most rows of the table shown (${DEFAULT-VALUE}); --json and --csv give all.")
    private int limit;

    @Override
    public Integer call() throws InterruptedException {
        if (list) {
            RunQuery.catalogue().forEach(System.out::println);
            return 0;
        }
        if (sql == null || sql.isBlank()) {
            throw new ConfigException("query: give SQL or the name of a query or table; --list shows what there is");
        }
        if (json && csv) {
            throw new ConfigException("query: --json or --csv, not both");
        }
        try (RunQuery query = RunQuery.of(sql);
                RunTables tables = new RunTables(query, TransferProgress.onStandardError())) {
            tables.load(new RunAccess(configuration.load(), Installation.current()));
            print(query);
        }
        return 0;
    }

    private void print(RunQuery query) {
        if (json) {
            query.json(System.out);
        } else if (csv) {
            query.csv(System.out);
        } else {
            query.table(limit).forEach(System.out::println);
        }
    }
}
