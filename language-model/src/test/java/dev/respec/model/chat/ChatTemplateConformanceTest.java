package dev.respec.model.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.Golden;
import dev.respec.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what Jinja2 gives in Python, see golden/chat; src/test/python/chat_templates.py computes more cases. */
class ChatTemplateConformanceTest {
    private static final String CASES = "respec.test.chat-cases";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-02-03T04:05:06Z"), ZoneOffset.UTC);

    @Test
    void shouldComputeWhatPythonComputes() throws IOException {
        Comparison comparison = Comparison.of(Golden.path("chat/conformance.jsonl"));

        assertThat(comparison.differences).isEmpty();
        assertThat(comparison.equal).isGreaterThan(1_500);
        assertThat(comparison.bothRefused).isGreaterThan(300);
    }

    @Test
    @EnabledIfSystemProperty(named = CASES, matches = ".+")
    void shouldComputeWhatPythonComputesForTheGivenCases() throws IOException {
        Comparison comparison = Comparison.of(Path.of(System.getProperty(CASES)));

        System.out.printf("%d equal, %d refused by both%n", comparison.equal, comparison.bothRefused);
        assertThat(comparison.differences).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"01-property-named-items", "02-tojson-arguments", "03-tojson-numbers", "04-string-methods"})
    void shouldRenderReportedTemplates(String folder) throws IOException {
        Path cases = Golden.path("chat/cases/" + folder);
        JsonNode expected = JSON.readTree(cases.resolve("expected.json").toFile());
        for (Map.Entry<String, JsonNode> one : expected.properties()) {
            String messages = Files.readString(either(cases, one.getKey(), "chat.json"));
            Path variables = either(cases, one.getKey(), "vars.json");
            Map<String, Object> given =
                    Files.exists(variables) ? ChatTemplate.variables(Files.readString(variables)) : Map.of();
            String template = Files.readString(cases.resolve(one.getKey() + ".jinja"));

            assertThat(ChatTemplate.of(one.getKey(), template, Map.of(), CLOCK)
                            .render(ChatTemplate.messages(messages), given))
                    .as(one.getKey())
                    .isEqualTo(one.getValue().asText());
        }
    }

    private static Path either(Path folder, String name, String common) {
        Path own = folder.resolve(name + "." + common);
        return Files.exists(own) ? own : folder.resolve(common);
    }

    /** Cases rendered by both. */
    private static final class Comparison {
        private final List<String> differences = new ArrayList<>();
        private final Map<String, ChatTemplate> templates = new LinkedHashMap<>();
        private int equal;
        private int bothRefused;

        static Comparison of(Path cases) throws IOException {
            var comparison = new Comparison();
            Map<String, Object> shared = Map.of();
            for (String line : Files.readAllLines(cases)) {
                JsonNode one = JSON.readTree(line);
                Map<String, Object> variables = one.has("variables") ? map(one.path("variables")) : shared;
                if (one.has("template")) {
                    comparison.compare(one, variables);
                } else {
                    shared = variables;
                }
            }
            return comparison;
        }

        private void compare(JsonNode one, Map<String, Object> variables) {
            String rendered = rendered(one.path("template").asText(), variables);
            String expected = one.has("expected") ? one.path("expected").asText() : null;
            if (rendered == null && expected == null) {
                bothRefused++;
            } else if (rendered != null && rendered.equals(expected)) {
                equal++;
            } else {
                differences.add("%s%nexpected: %s%nrendered: %s".formatted(one.path("template"), expected, rendered));
            }
        }

        @SuppressWarnings("unchecked") // messages are a list of objects
        private @Nullable String rendered(String source, Map<String, Object> variables) {
            try {
                ChatTemplate template =
                        templates.computeIfAbsent(source, text -> ChatTemplate.of("t", text, Map.of(), CLOCK));
                return template.render(
                        (List<Map<String, Object>>) variables.getOrDefault("messages", List.of()), variables);
            } catch (CheckpointException e) {
                return null;
            }
        }

        private static Map<String, Object> map(JsonNode json) {
            return JSON.convertValue(json, new TypeReference<Map<String, Object>>() {});
        }
    }
}
