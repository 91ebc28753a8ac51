package dev.respec.model.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what transformers renders, see golden/chat. */
class ChatTemplateTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-02-03T04:05:06Z"), ZoneOffset.UTC);
    private static final Map<String, Object> SPECIAL_TOKENS =
            Map.of("bos_token", "<|begin_of_text|>", "eos_token", "<|eot_id|>");

    @TempDir
    private Path folder;

    static Stream<JsonNode> snippets() throws IOException {
        return StreamSupport.stream(golden("snippets.json").path("snippets").spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("snippets")
    void shouldRenderConstructsAsTheReference(JsonNode snippet) throws IOException {
        Map<String, Object> variables = map(golden("snippets.json").path("variables"));
        String rendered = ChatTemplate.of("snippet", snippet.path("source").asText(), Map.of(), CLOCK)
                .render(List.of(), variables);
        assertThat(rendered).isEqualTo(snippet.path("expected").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2.5", "qwen3", "llama3", "llama3.2"})
    void shouldRenderConversationsAsTheReference(String name) throws IOException {
        String source = Files.readString(Golden.path("chat/" + name + ".jinja"));
        ChatTemplate template = ChatTemplate.of(name, source, SPECIAL_TOKENS, CLOCK);
        int compared = 0;
        for (JsonNode conversation : golden("conversations.json")) {
            if (conversation.path("template").asText().equals(name)) {
                Map<String, Object> variables = new HashMap<>(map(conversation.path("variables")));
                variables.put("date_string", "26 Jul 2024");
                String rendered = template.render(
                        ChatTemplate.messages(conversation.path("messages").toString()), variables);
                assertThat(rendered)
                        .as(conversation.toString())
                        .isEqualTo(conversation.path("expected").asText());
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(10);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`a\n{% include 'x' %}`|t, line 2: the tag 'include' is not supported: a chat template stands alone",
                "`{% if false %}{{ 1 | wordwrap }}{% endif %}`|t, line 1: the filter 'wordwrap' is not supported",
                "`{% if false %}\n{{ 1 is tall }}{% endif %}`|t, line 2: the test 'tall' is not supported",
                "`{{ x.y }}`|t, line 1: 'x' is undefined",
                "`{{ 'a'.encode() }}`|t, line 1: the method 'encode' of a string is not supported",
                "`{{ 'a'.middle(3) }}`|t, line 1: a string has no attribute 'middle'",
                "`{{ 'a' + 1 }}`|t, line 1: cannot add 1 to a string",
                "`{{ [].append(1) }}`|t, line 1: 'append' would change a list; the sandbox of chat templates refuses it",
                "`{% if 1 %}`|t, line 1: the template ends before elif or else or endif",
                "`{% break %}`|t, line 1: 'break' stands outside of a loop",
                "`{{ 'a`|t, line 1: a string is not closed by '",
                "`{{ a`|t, line 1: a tag is not closed by }}",
                "`{{ 'a'.replace('b') }}`|t, line 1: replace needs the argument 'new'",
                "`{{ 'a' | trim(letters='b') }}`|t, line 1: trim has no argument 'letters'",
                "`{{ 9 ** 99999999 }}`|t, line 1: an integer has more than 65536 bits",
                "`{{ 'a' * 99999999 }}`|t, line 1: a repetition is longer than",
                "`{{ -2 ** 2 }}`|t, line 1: a negated base of '**' is not supported",
                "`{{ messages | map('upper') }}`|t, line 1: a generator cannot be written as text",
                "`{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}`|t: macros or values are nested too deeply",
                "`{{ raise_exception('No.') }}`|t, line 1: the template refuses: No.",
                "`{{ 1 2 }}`|t, line 1: unexpected '2'"
            })
    void shouldRefuseByLineAndName(String source, String message) {
        assertThatThrownBy(() -> ChatTemplate.of("t", source, Map.of(), CLOCK).render(List.of(), Map.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldReadATokenizerWithoutALimitOfLength() throws IOException {
        // Given what transformers writes for "unlimited", as an integer
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"model_max_length": 1000000000000000019884624838656, "eos_token": "</s>",
                 "chat_template": "{{ messages[0].content }}{{ eos_token }}{{ limit + 1 }}"}
                """);
        var messages = ChatTemplate.messages("[{\"role\":\"user\",\"content\":\"Hi\"}]");
        var variables = ChatTemplate.variables("{\"limit\": 1000000000000000019884624838656}");
        assertThat(ChatTemplate.read(folder, CLOCK).orElseThrow().render(messages, variables))
                .isEqualTo("Hi</s>1000000000000000019884624838657");
    }

    @Test
    void shouldTellTheDate() {
        String rendered = ChatTemplate.of("t", "{{ strftime_now('%d %b %Y, %H:%M; %-d %B') }}", Map.of(), CLOCK)
                .render(List.of(), Map.of());
        assertThat(rendered).isEqualTo("03 Feb 2026, 04:05; 3 February");
    }

    @Test
    void shouldReadTheTemplateAndSpecialTokensOfAModel() throws IOException {
        // Given none, a named one among several with a token that is an object, and a file of its own
        assertThat(ChatTemplate.read(folder, CLOCK)).isEmpty();
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null,
                 "chat_template": [{"name": "tool_use", "template": "no"},
                                   {"name": "default", "template": "{{ bos_token }}{{ messages[0].content }}"}]}
                """);
        var messages = ChatTemplate.messages("[{\"role\":\"user\",\"content\":\"Hi\"}]");
        assertThat(ChatTemplate.read(folder, CLOCK).orElseThrow().render(messages, Map.of()))
                .isEqualTo("<s>Hi");
        Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages[0].role }}{{ eos_token }}");
        assertThat(ChatTemplate.read(folder, CLOCK).orElseThrow().render(messages, Map.of()))
                .isEqualTo("user</s>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{|not JSON",
                "{}|expected a list of messages",
                "[]|expected a list of messages",
                "[{\"role\":\"user\"},{\"content\":\"x\"}]|message 2: expected a role"
            })
    void shouldRefuseWhatAreNotMessages(String json, String message) {
        assertThatThrownBy(() -> ChatTemplate.messages(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static JsonNode golden(String name) throws IOException {
        return JSON.readTree(Golden.path("chat/" + name).toFile());
    }

    private static Map<String, Object> map(JsonNode json) {
        return JSON.convertValue(json, new TypeReference<Map<String, Object>>() {});
    }
}
