package dev.respec.trainer;

import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/** A few prompts, over and over. */
record SimulatedPrompts(int count) implements PromptSource {
    @Override
    public Prompt at(long position) {
        return new Prompt("p" + position % count, "1", "exact-match", "1", Map.of());
    }

    @Override
    public List<Prompt> head(int most) {
        return IntStream.range(0, Math.min(most, count)).mapToObj(this::at).toList();
    }

    @Override
    public OptionalInt size() {
        return OptionalInt.of(count);
    }
}
