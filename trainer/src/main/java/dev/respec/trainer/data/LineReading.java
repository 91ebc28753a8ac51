package dev.respec.trainer.data;

import java.util.function.Consumer;

/**
 * How data lines become prompts.
 *
 * @param task reward function of every line; empty leaves it to the lines
 * @param chatFormat how {@code messages} become text
 * @param onMalformed called with every line that cannot be used; returning leaves the line out, throwing ends the read
 */
public record LineReading(String task, ChatFormat chatFormat, Consumer<MalformedLine> onMalformed) {
    /** A malformed line ends the read with its own error. */
    public static LineReading strict(String task, ChatFormat chatFormat) {
        return new LineReading(task, chatFormat, line -> {
            throw line.exception();
        });
    }
}
