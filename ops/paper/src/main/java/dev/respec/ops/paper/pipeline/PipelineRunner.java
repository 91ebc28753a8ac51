package dev.respec.ops.paper.pipeline;

import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;

/** Runs the pipeline once. */
@FunctionalInterface
public interface PipelineRunner {
    /**
     * Begins a run or continues it, and measures it.
     *
     * @param config of the run; its data folder may hold an unfinished one
     * @param log receives the output of the run
     */
    RunMeasurements run(Arm arm, int seed, RespecConfig config, Path log) throws InterruptedException;
}
