package dev.respec.ops.report;

import dev.respec.ops.audit.RunRecords;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The cards of a run in the folders of its final policy and drafter, which exist. */
public final class CardFiles {
    private static final String NAME = "README.md";

    private final RunSummary summary;
    private final RunRecords records;
    private final RespecConfig config;
    private final BaseCard base;

    /** @param config whose {@code model.policy} is the folder that the run began with, if it is at hand */
    public CardFiles(RunSummary summary, RunRecords records, RespecConfig config) {
        this.summary = summary;
        this.records = records;
        this.config = config;
        this.base = BaseCard.of(Path.of(config.model().policy()));
    }

    public Path writePolicy(Path folder) {
        return write(folder, ModelCard.policy(summary, records, config, base));
    }

    public Path writeDrafter(Path folder) {
        return write(folder, ModelCard.drafter(summary, records, config, base));
    }

    private static Path write(Path folder, String card) {
        Path file = folder.resolve(NAME);
        try {
            return Files.writeString(file, card);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the model card " + file + ": " + e.getMessage(), e);
        }
    }
}
