package dev.respec.ops.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.junit.jupiter.api.Test;

class QueryTableTest {
    @Test
    void shouldHaveATableOfEveryTopic() {
        for (Topic<?> topic : TopicCatalogue.all()) {
            assertThat(QueryTable.of(topic))
                    .as("tables/*.sql for " + topic.name())
                    .isPresent();
        }
    }

    @Test
    void shouldHaveAColumnOfEveryFieldOfTheEvent() {
        for (QueryTable table : QueryTable.values()) {
            Schema event = SpecificData.get().getSchema(table.topic().valueType());
            for (String field : leaves(event)) {
                assertThat(table.sql().statement())
                        .as("tables/%s.sql lacks the field %s of %s", table.tableName(), field, event.getName())
                        .containsPattern("\\b" + field + "\\b");
            }
        }
    }

    @Test
    void shouldGiveQueriesAndTablesDifferentNames() {
        assertThat(SqlText.QUERIES).allMatch(name -> QueryTable.named(name).isEmpty());
        assertThat(QueryTable.named("scored-rollouts")).contains(QueryTable.SCORES);
        assertThat(QueryTable.named("Weight-Updates")).contains(QueryTable.WEIGHT_UPDATES);
    }

    @Test
    void shouldCheckAQuestionWithoutAnyRun() {
        assertThatThrownBy(() -> RunQuery.of("longset"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("there is no query or table 'longset'");
        assertThatThrownBy(() -> RunQuery.of("SELECT reword FROM scores"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("\"reword\" not found");
        for (String name : SqlText.QUERIES) {
            try (RunQuery query = RunQuery.of(name)) {
                assertThat(query.tables()).as(name).isNotEmpty();
            }
        }
        try (RunQuery query = RunQuery.of("SELECT 1 AS one")) {
            assertThat(query.tables()).isEmpty();
            assertThat(query.table(10)).isEqualTo(List.of("one", "  1"));
        }
    }

    /** Names of the fields with a value of their own; records in lists and maps count as one. */
    private static Set<String> leaves(Schema record) {
        Set<String> names = new TreeSet<>();
        for (Schema.Field field : record.getFields()) {
            Schema type = field.schema().isUnion() ? SqlTypes.present(field.schema()) : field.schema();
            if (type.getType() == Schema.Type.RECORD) {
                names.addAll(leaves(type));
            } else {
                names.add(Pattern.quote(RecordJson.name(field)));
            }
        }
        return names;
    }
}
