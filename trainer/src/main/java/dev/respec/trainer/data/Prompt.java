package dev.respec.trainer.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * One line of data: a question and what is needed to judge an answer to it.
 *
 * @param id unique in its source
 * @param text what the policy continues
 * @param task name of the reward function
 * @param answer reference answer, as the reward function expects it
 * @param metadata further fields of the line
 */
public record Prompt(String id, String text, String task, String answer, Map<String, String> metadata) {
    public Prompt {
        if (id.isBlank() || text.isEmpty() || task.isBlank()) {
            throw new IllegalArgumentException("a prompt needs an id, a text and a task");
        }
        metadata = Map.copyOf(metadata);
    }

    /** The same for the same text, whatever its id and place. */
    public String fingerprint() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
