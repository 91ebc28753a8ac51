package dev.respec.ops.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.stage.BadInputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file with {@code {"token_ids":[…]}} a line. Read as a whole before anything is computed. */
public final class TokenFile {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private TokenFile() {}

    /**
     * Reads the token ids of every line.
     *
     * @param model the model that reads them: its vocabulary and longest sequence
     * @throws BadInputException naming the first line that cannot be used, and how many there are
     */
    public static List<int[]> read(Path file, ModelConfig model) {
        List<int[]> sequences = new ArrayList<>();
        String first = null;
        int refused = 0;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                try {
                    sequences.add(tokens(line, model));
                } catch (MalformedLine e) {
                    refused++;
                    first = first == null ? "%s line %d: %s".formatted(file, number, e.getMessage()) : first;
                }
            }
        } catch (NoSuchFileException e) {
            throw new BadInputException(file + ": no such file", e);
        } catch (CharacterCodingException e) {
            throw new BadInputException(file + ": not UTF-8 text", e);
        } catch (IOException e) {
            throw new BadInputException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (first != null) {
            throw new BadInputException(refused == 1 ? first : first + " (and %d more)".formatted(refused - 1));
        }
        return sequences;
    }

    private static int[] tokens(String line, ModelConfig model) throws MalformedLine {
        JsonNode ids = parse(line).path("token_ids");
        if (!ids.isArray() || ids.isEmpty()) {
            throw new MalformedLine("expected {\"token_ids\":[…]} with at least one id, found " + shortened(line));
        }
        if (ids.size() > model.maxPositions()) {
            throw new MalformedLine("%d tokens, the model reads at most %d (max_position_embeddings)"
                    .formatted(ids.size(), model.maxPositions()));
        }
        int[] tokens = new int[ids.size()];
        for (int i = 0; i < tokens.length; i++) {
            JsonNode id = ids.get(i);
            if (!id.isIntegralNumber()) {
                throw new MalformedLine("token_ids[%d]: expected an integer, found %s".formatted(i, id));
            }
            if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= model.vocabularySize()) {
                throw new MalformedLine("token_ids[%d]: %s is outside the model's vocabulary of %d"
                        .formatted(i, id, model.vocabularySize()));
            }
            tokens[i] = id.intValue();
        }
        return tokens;
    }

    private static JsonNode parse(String line) throws MalformedLine {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new MalformedLine("not JSON: " + shortened(line));
        }
    }

    private static String shortened(String line) {
        return line.isBlank() ? "an empty line" : line.length() <= 60 ? line : line.substring(0, 60) + "…";
    }

    /** One line's refusal. */
    private static final class MalformedLine extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedLine(String message) {
            super(message);
        }
    }
}
