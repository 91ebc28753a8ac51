package dev.respec.ops.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the checkpoint that a run began with says of itself.
 *
 * @param licence as the card's {@code license} names it; "unknown" if no card says it
 * @param name for people: of the folder, or of the model that ships
 * @param hubName as the Hugging Face hub knows the model; empty if its files do not tell
 */
public record BaseCard(String licence, String name, Optional<String> hubName) {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final String UNKNOWN = "unknown";

    /** Of a checkpoint's folder. */
    public static BaseCard of(Path folder) {
        JsonNode header = header(folder.resolve("README.md"));
        JsonNode licence = header.path("license");
        String name = String.valueOf(folder.getFileName());
        String text = (licence.isArray() ? licence.path(0) : licence).asText("");
        return new BaseCard(text.isBlank() ? UNKNOWN : text, name, configured(folder));
    }

    /** Tools write the name that a checkpoint was loaded by into its configuration; it may as well be a folder. */
    private static Optional<String> configured(Path folder) {
        try {
            String name = JSON.readTree(Files.readString(folder.resolve("config.json")))
                    .path("_name_or_path")
                    .asText();
            return Optional.of(name).filter(found -> HUB_NAME.matcher(found).matches());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The YAML between two lines of dashes; nothing if there is none, or none that can be read. */
    private static JsonNode header(Path card) {
        try {
            if (!Files.exists(card)) {
                return JSON.createObjectNode();
            }
            String text = Files.readString(card).replace("\r\n", "\n");
            int end = text.indexOf("\n---", 3);
            return text.startsWith("---\n") && end > 0
                    ? YAML.readTree(text.substring(4, end + 1))
                    : JSON.createObjectNode();
        } catch (IOException unreadable) {
            return JSON.createObjectNode();
        }
    }
}
