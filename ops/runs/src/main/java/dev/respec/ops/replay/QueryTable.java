package dev.respec.ops.replay;

import dev.respec.stage.BadInputException;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificData;

/** A topic as a flat table: what {@code respec query} asks and {@code respec replay} writes as Parquet. */
enum QueryTable {
    REQUESTS(TopicCatalogue.ROLLOUT_REQUESTS),
    ROLLOUTS(TopicCatalogue.ROLLOUTS),
    SCORES(TopicCatalogue.SCORED_ROLLOUTS),
    STEPS(TopicCatalogue.TRAINING_STEPS),
    EVALUATIONS(TopicCatalogue.EVALUATIONS),
    STATISTICS(TopicCatalogue.ACCEPTANCE_STATS),
    SETTINGS(TopicCatalogue.SD_SETTINGS),
    COSTS(TopicCatalogue.COST_PROFILES),
    WEIGHT_UPDATES(TopicCatalogue.WEIGHT_UPDATES),
    WORKERS(TopicCatalogue.WORKER_STATUS),
    DEAD_LETTERS(TopicCatalogue.DEAD_LETTERS);

    private final Topic<?> topic;

    QueryTable(Topic<?> topic) {
        this.topic = topic;
    }

    Topic<?> topic() {
        return topic;
    }

    String tableName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The table of a topic; empty for a topic without one, whose records are then exported as they are. */
    static Optional<QueryTable> of(Topic<?> topic) {
        return Arrays.stream(values())
                .filter(table -> table.topic.name().equals(topic.name()))
                .findFirst();
    }

    /** The table that a word names, be it the table's name or its topic's. */
    static Optional<QueryTable> named(String word) {
        String name = word.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(table -> table.tableName().equals(name.replace('-', '_'))
                        || table.topic.name().equals(name))
                .findFirst();
    }

    /** The tables whose names a statement has in it, wherever. */
    static List<QueryTable> namedIn(String sql) {
        return Arrays.stream(values())
                .filter(table -> Pattern.compile("\\b" + table.tableName() + "\\b", Pattern.CASE_INSENSITIVE)
                        .matcher(sql)
                        .find())
                .toList();
    }

    SqlText sql() {
        return SqlText.read("tables", tableName())
                .orElseThrow(() -> new BadInputException("this installation has no table " + tableName()));
    }

    /**
     * The rows as an export holds them, the text of tokens included.
     *
     * @param lines the topic as {@link JsonLinesExport} writes it
     */
    String exportedRows(Path lines) {
        return "SELECT * FROM (WITH source AS (SELECT * FROM %s) %s)"
                .formatted(DuckDb.jsonLines(lines, sourceColumns()), sql().statement());
    }

    /** Makes every table, without rows. */
    static void createAll(DuckDb database) {
        Path nothing = database.file("nothing.jsonl");
        try {
            Files.createFile(nothing);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (QueryTable table : values()) {
            database.execute("CREATE TABLE %s AS %s".formatted(table.tableName(), table.queriedRows(nothing)));
        }
    }

    /** Gives the table the rows of these files in place of its own. */
    void bind(DuckDb database, List<Path> files) {
        database.execute("DROP TABLE IF EXISTS " + tableName());
        database.execute(
                "CREATE OR REPLACE VIEW %s AS SELECT * FROM %s".formatted(tableName(), TableCache.source(files)));
    }

    /** The rows as queries see them: without the text of tokens, which takes the run's tokenizer. */
    String queriedRows(Path lines) {
        return "SELECT COLUMNS(lambda name: NOT regexp_matches(name, '%s')) FROM (%s)"
                .formatted(TokenText.COLUMNS, exportedRows(lines));
    }

    private List<SqlTypes.Column> sourceColumns() {
        return SqlTypes.columns(SpecificData.get().getSchema(topic.valueType()));
    }
}
