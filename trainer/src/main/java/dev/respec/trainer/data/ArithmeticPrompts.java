package dev.respec.trainer.data;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** Prompts of the {@link ArithmeticTask}; none is repeated on purpose. */
final class ArithmeticPrompts implements PromptSource {
    private final ArithmeticTask task;
    private final Split split;
    private final long seed;

    ArithmeticPrompts(ArithmeticTask task, Split split, long seed) {
        this.task = task;
        this.split = split;
        this.seed = seed;
    }

    @Override
    public Prompt at(long position) {
        var example = task.example(split, seed, position, 0);
        var id = "%s-%s-%d-%d".formatted(ArithmeticTask.NAME, split.name().toLowerCase(Locale.ROOT), seed, position);
        return new Prompt(id, example.prompt(), ArithmeticTask.NAME, Integer.toString(example.answer()), Map.of());
    }

    @Override
    public List<Prompt> head(int count) {
        return LongStream.range(0, count).mapToObj(this::at).toList();
    }

    @Override
    public OptionalInt size() {
        return OptionalInt.empty();
    }
}
