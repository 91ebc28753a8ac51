package dev.respec.stage.config;

import java.util.Map;

/**
 * What is trained and measured on, and how its questions are put to the policy.
 *
 * @param systemPrompt empty for none
 * @param promptTemplate wording of a question, with {@value #PROMPT} in its place; empty takes the one of its data set
 * @param templateVariables further variables of the chat template, each value JSON or a text
 */
public record DataSection(
        String train,
        String evaluation,
        int evaluationSize,
        String task,
        Chat chat,
        String systemPrompt,
        String promptTemplate,
        Map<String, String> templateVariables,
        long seed,
        CurriculumSection curriculum) {
    /** Stands for the question in a prompt template. */
    public static final String PROMPT = "{prompt}";

    /** Whether questions are rendered through the checkpoint's chat template; AUTO if it has one. */
    public enum Chat {
        AUTO,
        ON,
        OFF
    }

    public DataSection {
        InvalidValue.require(!train.isBlank(), "train", train, "builtin:arithmetic or a JSONL file");
        InvalidValue.require(!evaluation.isBlank(), "evaluation", evaluation, "builtin:arithmetic or a JSONL file");
        InvalidValue.atLeast(1, "evaluation-size", evaluationSize);
        InvalidValue.require(
                promptTemplate.isEmpty() || promptTemplate.contains(PROMPT),
                "prompt-template",
                promptTemplate,
                "a text with " + PROMPT + " where the question goes");
        InvalidValue.require(
                !curriculum.enabled() || !train.startsWith("builtin:"),
                "train",
                train,
                "a JSONL file with data.curriculum.enabled: generated prompts are asked once and have no pass rate to be"
                        + " drawn by");
        templateVariables = Map.copyOf(templateVariables);
    }
}
