package dev.respec.trainer.data;

import dev.respec.stage.config.DataSection;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * How data lines become prompts.
 *
 * @param task reward function of every line; empty leaves it to the lines
 * @param wording how a question or a conversation becomes text
 * @param onMalformed called with every line that cannot be used; returning leaves the line out, throwing ends the read
 */
public record LineReading(String task, PromptWording wording, Consumer<MalformedLine> onMalformed) {
    /**
     * As a configuration asks; a malformed line ends the read with its own error.
     *
     * @param policy folder of the model whose chat template is used
     */
    public static LineReading strict(DataSection data, Path policy) {
        return strict(data.task(), PromptWording.of(data, policy));
    }

    /** A malformed line ends the read with its own error. */
    public static LineReading strict(String task, PromptWording wording) {
        return new LineReading(task, wording, line -> {
            throw line.exception();
        });
    }

    /** The same, with malformed lines left out. */
    public LineReading leavingOut(Consumer<MalformedLine> told) {
        return new LineReading(task, wording, told);
    }
}
