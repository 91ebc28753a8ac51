package dev.respec.trainer.data;

import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;

/** Prompts of a JSON lines file, shuffled anew in every epoch; {@link PromptLine} says which formats are read. */
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
        var number = 0;
        for (var content : lines(file)) {
            number++;
            if (content.isBlank()) {
                continue;
            }
            try {
                var line = PromptLine.parse(content, file.getFileName() + ":" + number, reading);
                var earlier = lineOfId.putIfAbsent(line.prompt().id(), number);
                if (earlier != null) {
                    throw new PromptLineException("id '%s' is already used in line %d: ids must be unique"
                            .formatted(line.prompt().id(), earlier));
                }
                if (line.split() == null || line.split() == split) {
                    prompts.add(line.prompt());
                }
            } catch (PromptLineException e) {
                reading.onMalformed().accept(new MalformedLine(file, number, content, e.reason()));
            }
        }
        if (prompts.isEmpty()) {
            throw new BadInputException("%s has no %s prompts: expected one JSON object a line, %s"
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

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new BadInputException("data file " + file + " does not exist");
        } catch (MalformedInputException e) {
            throw new BadInputException("data file " + file + " is not UTF-8 text: save it as UTF-8");
        } catch (IOException e) {
            throw new BadInputException("data file " + file + " cannot be read: " + e.getMessage());
        }
    }
}
