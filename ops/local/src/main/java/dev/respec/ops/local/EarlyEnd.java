package dev.respec.ops.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.report.RunSummary;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The end of a run before its last step, for want of a better evaluation.
 *
 * @param step the last one done
 * @param patience that the run had
 */
record EarlyEnd(long step, String why, int patience) {
    /** Of a finished run, from its summary and configuration; empty if it did all its steps or these are gone. */
    static Optional<EarlyEnd> of(DataFolder folder) {
        if (!Files.exists(folder.summary()) || !Files.exists(folder.configuration())) {
            return Optional.empty();
        }
        try {
            RunSummary summary = new ObjectMapper().readValue(folder.summary().toFile(), RunSummary.class);
            RunSummary.BestCheckpoint best = summary.bestCheckpoint();
            String why = best == null ? null : best.endedRun();
            if (why == null) {
                return Optional.empty();
            }
            int patience = RespecConfig.load(folder.configuration(), Map.of(), List.of())
                    .evaluation()
                    .patience();
            return Optional.of(new EarlyEnd(summary.steps(), why, patience));
        } catch (IOException | ConfigException unreadable) {
            return Optional.empty();
        }
    }

    /** Whether the trainer goes on under this patience, rather than end again at once. */
    boolean isOverUnder(int newPatience) {
        return newPatience == 0 || newPatience > patience;
    }
}
