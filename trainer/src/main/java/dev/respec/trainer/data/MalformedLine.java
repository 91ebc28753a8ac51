package dev.respec.trainer.data;

import dev.respec.stage.BadInputException;
import java.nio.file.Path;

/**
 * A data line that cannot be used.
 *
 * @param number counted from 1
 * @param reason what was found and what was expected
 */
public record MalformedLine(Path file, int number, String content, String reason) {
    /** The line as an error: {@code file:line: reason}. */
    public BadInputException exception() {
        return new BadInputException(file + ":" + number + ": " + reason);
    }
}
