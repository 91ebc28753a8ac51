package dev.respec.model.chat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/** The texts of a tokenizer's special tokens: a text that contains one of them is written for this model already. */
public final class SpecialTokens {
    private static final JsonMapper JSON = new JsonMapper();

    private SpecialTokens() {}

    /**
     * Those of tokenizer.json; none if the directory has no such file.
     *
     * @throws CheckpointException if the file is not JSON
     */
    public static Set<String> read(Path directory) {
        Path file = directory.resolve("tokenizer.json");
        if (!Files.isRegularFile(file)) {
            return Set.of();
        }
        try (JsonParser parser = JSON.createParser(file.toFile())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                parser.nextToken();
                if (parser.currentName().equals("added_tokens")) {
                    return special(JSON.readTree(parser));
                }
                parser.skipChildren();
            }
            return Set.of();
        } catch (IOException e) {
            throw new CheckpointException("%s: not JSON: %s".formatted(file, CheckpointException.firstLine(e)), e);
        }
    }

    private static Set<String> special(JsonNode added) {
        Set<String> texts = new LinkedHashSet<>();
        for (JsonNode token : added) {
            if (token.path("special").asBoolean()
                    && !token.path("content").asText().isEmpty()) {
                texts.add(token.path("content").asText());
            }
        }
        return Set.copyOf(texts);
    }
}
