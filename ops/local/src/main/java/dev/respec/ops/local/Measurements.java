package dev.respec.ops.local;

import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.report.RunSummary;
import dev.respec.stage.config.RespecConfig;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** What is measured on the machine after training, with the stages stopped. */
interface Measurements {
    /** Parts that were not measured are null. */
    record Result(RunSummary.@Nullable Evaluation evaluation, RunSummary.@Nullable Throughput throughput) {}

    /** @param seconds since the start of the command, for what is shown */
    Result run(RunRecords records, RespecConfig config, DoubleSupplier seconds) throws InterruptedException;
}
