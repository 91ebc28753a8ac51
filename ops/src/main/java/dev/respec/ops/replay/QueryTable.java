package dev.respec.ops.replay;

import dev.respec.stage.BadInputException;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificData;

/** A table of {@code respec query}: a topic, flat and with the columns people ask for. */
enum QueryTable {
    REQUESTS(TopicCatalogue.ROLLOUT_REQUESTS),
    ROLLOUTS(TopicCatalogue.ROLLOUTS),
    SCORES(TopicCatalogue.SCORED_ROLLOUTS),
    STEPS(TopicCatalogue.TRAINING_STEPS),
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

    /** The tables whose names a statement has in it, wherever; all where it has none. */
    static List<QueryTable> namedIn(String sql) {
        List<QueryTable> named = Arrays.stream(values())
                .filter(table -> Pattern.compile("\\b" + table.tableName() + "\\b", Pattern.CASE_INSENSITIVE)
                        .matcher(sql)
                        .find())
                .toList();
        return named.isEmpty() ? List.of(values()) : named;
    }

    SqlText sql() {
        return SqlText.read("tables", tableName())
                .orElseThrow(() -> new BadInputException("this installation has no table " + tableName()));
    }

    /**
     * Statement that makes the table.
     *
     * @param source what its rows come from: the topic as {@link JsonLinesExport} writes it
     */
    String creation(String source) {
        return "CREATE TABLE %s AS WITH source AS (SELECT * FROM %s) %s"
                .formatted(tableName(), source, sql().statement());
    }

    List<SqlTypes.Column> sourceColumns() {
        return SqlTypes.columns(SpecificData.get().getSchema(topic.valueType()));
    }
}
