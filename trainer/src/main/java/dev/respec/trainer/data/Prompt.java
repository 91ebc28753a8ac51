package dev.respec.trainer.data;

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
}
