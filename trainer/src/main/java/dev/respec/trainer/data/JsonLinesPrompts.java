package dev.respec.trainer.data;

import dev.respec.stage.BadInputException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;

/** Prompts of a JSON Lines file, shuffled again in every epoch; {@link PromptLine} lists the shapes that are read. */
final class JsonLinesPrompts implements PromptSource {
    private final List<Prompt> prompts;
    private final ShuffledOrder order;

    private JsonLinesPrompts(List<Prompt> prompts, long seed) {
        this.prompts = List.copyOf(prompts);
        this.order = new ShuffledOrder(prompts.size(), seed);
    }

    static JsonLinesPrompts read(Path file, Split split, long seed, LineReading reading) {
        var prompts = new ArrayList<Prompt>();
        var lineOfId = new HashMap<String, Integer>();
        DataLines.read(file, line -> {
            try {
                var read = PromptLine.of(line.object(), file.getFileName() + ":" + line.position(), reading);
                var earlier = lineOfId.putIfAbsent(read.prompt().id(), line.number());
                if (earlier != null) {
                    throw new PromptLineException("id '%s' is already used in line %d: ids must be unique"
                            .formatted(read.prompt().id(), earlier));
                }
                if (read.split() == null || read.split() == split) {
                    prompts.add(read.prompt());
                }
            } catch (PromptLineException e) {
                reading.onMalformed().accept(new MalformedLine(file, line.number(), line.content(), e.reason()));
            }
        });
        if (prompts.isEmpty()) {
            throw new BadInputException("%s has no %s prompts: expected one JSON object per line, %s"
                    .formatted(file, split == Split.TRAIN ? "training" : "evaluation", PromptLine.EXPECTED));
        }
        return new JsonLinesPrompts(prompts, seed);
    }

    @Override
    public Prompt at(long position) {
        return prompts.get(order.at(position));
    }

    @Override
    public List<Prompt> head(int count) {
        return prompts.subList(0, Math.min(count, prompts.size()));
    }

    @Override
    public OptionalInt size() {
        return OptionalInt.of(prompts.size());
    }
}
