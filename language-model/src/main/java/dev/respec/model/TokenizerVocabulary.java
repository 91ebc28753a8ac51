package dev.respec.model;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** The ids in a tokenizer.json, read without holding the file: it has several megabytes. */
final class TokenizerVocabulary {
    private TokenizerVocabulary() {}

    /**
     * One more than the largest id.
     *
     * @throws UncheckedIOException if the file is not JSON
     */
    static int size(Path file) {
        try (JsonParser json = new JsonMapper().createParser(file.toFile())) {
            int size = 0;
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String field = json.currentName();
                    json.nextToken();
                    size = Math.max(
                            size,
                            switch (field) {
                                case "added_tokens" -> addedTokens(json);
                                case "model" -> model(json);
                                default -> skipped(json);
                            });
                }
            }
            return size;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private static int addedTokens(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            return skipped(json);
        }
        int size = 0;
        while (json.nextToken() == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                size = Math.max(size, field.equals("id") ? afterId(json) : skipped(json));
            }
        }
        return size;
    }

    private static int model(JsonParser json) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            return skipped(json);
        }
        int size = 0;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            size = Math.max(size, field.equals("vocab") ? vocabulary(json) : skipped(json));
        }
        return size;
    }

    private static int vocabulary(JsonParser json) throws IOException {
        int size = 0;
        if (json.currentToken() == JsonToken.START_ARRAY) { // Unigram: [[piece, score], …]
            while (json.nextToken() != JsonToken.END_ARRAY) {
                skipped(json);
                size++;
            }
        } else if (json.currentToken() == JsonToken.START_OBJECT) {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                json.nextToken();
                size = Math.max(size, afterId(json));
            }
        }
        return size;
    }

    private static int afterId(JsonParser json) throws IOException {
        return json.currentToken() == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() + 1 : skipped(json);
    }

    private static int skipped(JsonParser json) throws IOException {
        json.skipChildren();
        return 0;
    }
}
