package dev.respec.trainer.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** The objects of a JSON Lines file; a JSON list of objects and objects over several lines are read as well. */
final class DataLines {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final ObjectMapper SEQUENCE = JSON.copy().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private DataLines() {}

    /**
     * One object.
     *
     * @param number of the line it starts in, counted from 1
     * @param position distinct in its file: the number of the line or, in a document, of the object
     * @param content as it is in the file, or as JSON on one line
     */
    record DataLine(int number, int position, String content) {
        /** @throws PromptLineException if this is not one JSON object */
        JsonNode object() {
            JsonNode value;
            try {
                value = JSON.readTree(content);
            } catch (JsonProcessingException e) {
                throw new PromptLineException("not valid JSON (column %d: %s): expected one object per line, %s"
                        .formatted(column(e), firstLine(e), PromptLine.EXPECTED));
            }
            if (!value.isObject()) {
                throw new PromptLineException("found %s: expected one object per line, %s"
                        .formatted(JsonFields.kind(value), PromptLine.EXPECTED));
            }
            return value;
        }
    }

    static void read(Path file, Consumer<DataLine> consumer) {
        String text = DataFile.read(file);
        if (isDocument(text)) {
            readDocument(file, text, consumer);
            return;
        }
        int number = 0;
        for (String line : (Iterable<String>) text.lines()::iterator) {
            number++;
            if (!line.isBlank()) {
                consumer.accept(new DataLine(number, number, line));
            }
        }
    }

    /** Whether the first value is a list, or does not end in the line it starts in. */
    private static boolean isDocument(String text) {
        String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        if (first.stripLeading().startsWith("[")) {
            return true;
        }
        try {
            JSON.readTree(first);
            return false;
        } catch (JsonEOFException e) {
            return first.stripLeading().startsWith("{") && text.strip().lines().count() > 1;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static void readDocument(Path file, String text, Consumer<DataLine> consumer) {
        int position = 0;
        try (JsonParser parser = SEQUENCE.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
                    continue;
                }
                int number = parser.currentTokenLocation().getLineNr();
                JsonNode value = parser.readValueAsTree();
                consumer.accept(new DataLine(number, ++position, value.toString()));
            }
        } catch (JsonProcessingException e) {
            int number = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new BadInputException("%s:%d: not valid JSON (column %d: %s): expected one object per line, %s"
                    .formatted(file, number, column(e), firstLine(e), PromptLine.EXPECTED));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int column(JsonProcessingException e) {
        return e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
    }

    private static String firstLine(JsonProcessingException e) {
        String message = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
        int advice = message.indexOf(": enable `");
        return advice < 0 ? message : message.substring(0, advice) + " is not JSON";
    }
}
