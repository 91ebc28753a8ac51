package dev.respec.ops.local;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What the user asks of a local run besides the configuration.
 *
 * @param start what to do with a run that the folder holds
 * @param stepsGiven whether the number of steps was asked for, rather than taken from the defaults
 * @param json where to write the summary for machines; null for nowhere but the data folder
 */
public record LocalOptions(
        Start start, boolean stepsGiven, @Nullable Path json) {
    /** What to do with a run that the folder holds. */
    public enum Start {
        /** Continue it if it is unfinished. */
        CONTINUE,
        /** Delete it. */
        FRESH
    }
}
