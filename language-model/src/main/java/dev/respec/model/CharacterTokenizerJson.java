package dev.respec.model;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The files of a character tokenizer: every character isolated, then looked up as a word. */
final class CharacterTokenizerJson {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String NO_UNKNOWN_TOKEN = "<unk>";

    private CharacterTokenizerJson() {}

    static void write(Path directory, String characters, List<String> specials) {
        if (characters.isEmpty()
                || characters.codePoints().distinct().count()
                        != characters.codePoints().count()) {
            throw new IllegalArgumentException(
                    "characters must be distinct and not empty, found \"" + characters + "\"");
        }
        try {
            Files.createDirectories(directory);
            write(directory.resolve("tokenizer.json"), tokenizer(characters, specials));
            write(directory.resolve("tokenizer_config.json"), config(specials));
        } catch (IOException e) {
            throw new CheckpointException("%s: cannot be written: %s".formatted(directory, e.getMessage()), e);
        }
    }

    private static ObjectNode tokenizer(String characters, List<String> specials) {
        var json = JSON.createObjectNode();
        json.put("version", "1.0").putNull("truncation").putNull("padding");
        var added = json.putArray("added_tokens");
        for (int id = 0; id < specials.size(); id++) {
            added.addObject()
                    .put("id", id)
                    .put("content", specials.get(id))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        json.putNull("normalizer");
        var split = json.putObject("pre_tokenizer");
        split.put("type", "Split").putObject("pattern").put("Regex", "[\\s\\S]");
        split.put("behavior", "Isolated").put("invert", false);
        json.putNull("post_processor");
        json.putObject("decoder").put("type", "Fuse");
        var model = json.putObject("model");
        model.put("type", "WordLevel");
        var vocabulary = model.putObject("vocab");
        specials.forEach(special -> vocabulary.put(special, vocabulary.size()));
        characters.codePoints().forEach(point -> vocabulary.put(Character.toString(point), vocabulary.size()));
        model.put("unk_token", role(specials, "unk").orElse(NO_UNKNOWN_TOKEN));
        return json;
    }

    private static ObjectNode config(List<String> specials) {
        var json = JSON.createObjectNode();
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        json.put("clean_up_tokenization_spaces", false);
        role(specials, "pad").ifPresent(token -> json.put("pad_token", token));
        role(specials, "bos").ifPresent(token -> json.put("bos_token", token));
        role(specials, "eos").or(() -> role(specials, "end")).ifPresent(token -> json.put("eos_token", token));
        role(specials, "unk").ifPresent(token -> json.put("unk_token", token));
        return json;
    }

    private static Optional<String> role(List<String> specials, String name) {
        return specials.stream()
                .filter(special -> special.toLowerCase(Locale.ROOT).contains(name))
                .findFirst();
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        Files.writeString(file, json.toPrettyString());
    }
}
