package dev.respec.ops.offline;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where an offline command writes: its results, and nothing of the moment or the machine, so that runs compare. */
public final class OutputFolder {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private final Path folder;
    private final List<String> lines = new ArrayList<>();

    /** @throws BadInputException if the folder cannot be made, or holds something */
    public OutputFolder(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            try (var content = Files.list(folder)) {
                if (content.findAny().isPresent()) {
                    throw new BadInputException(
                            "--output: %s is not empty: choose another folder, or empty it".formatted(folder));
                }
            }
        } catch (IOException e) {
            throw new BadInputException("--output: %s cannot be used (%s)".formatted(folder, e), e);
        }
    }

    public Path folder() {
        return folder;
    }

    /** Adds a line to the file that {@link #writeLines} writes. */
    void line(Object value) {
        try {
            lines.add(JSON.writeValueAsString(value));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    void writeLines(String name) {
        try {
            Files.write(folder.resolve(name), lines);
        } catch (IOException e) {
            throw new BadInputException("%s cannot be written (%s)".formatted(folder.resolve(name), e), e);
        }
    }
}
