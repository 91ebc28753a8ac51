package dev.respec.trainer.data;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * An endless, deterministic sequence of prompts: a position says everything about where a run stands in its data.
 *
 * <p>Implementations are immutable.
 */
public interface PromptSource {
    /** Location of the generated arithmetic task. */
    String ARITHMETIC = "builtin:arithmetic";

    /** The prompt at a position, 0 and up; finite data are repeated in epochs, each in an order of its own. */
    Prompt at(long position);

    /** The first prompts in their own order, at most as many as there are: the same for every run. */
    List<Prompt> head(int count);

    /** Number of distinct prompts, empty when they are generated without end. */
    OptionalInt size();

    /**
     * Opens the source a configuration names.
     *
     * @param location {@value #ARITHMETIC} or the path of a JSON lines file
     * @param split prompts of the other split are left out
     * @param seed of the order, and of generated prompts
     * @param reading how lines become prompts
     * @throws dev.respec.stage.BadInputException when a line cannot be used; the message names file and line
     */
    static PromptSource open(String location, Split split, long seed, LineReading reading) {
        if (location.equals(ARITHMETIC)) {
            return new ArithmeticPrompts(ArithmeticTask.standard(), split, seed);
        }
        if (location.startsWith("builtin:")) {
            throw new dev.respec.stage.BadInputException("unknown built-in data '" + location + "': expected "
                    + ARITHMETIC + " or the path of a .jsonl file");
        }
        return JsonLinesPrompts.read(Path.of(location), split, seed, reading);
    }
}
