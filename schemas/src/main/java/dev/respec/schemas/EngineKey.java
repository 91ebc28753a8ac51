package dev.respec.schemas;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What costs, statistics and settings belong to: a model in a run on one class of engine. Workers that differ in any of
 * it share nothing. Keys the topics {@code cost-profiles} and {@code sd-settings}.
 *
 * @param runId empty for workers that serve every run
 */
public record EngineKey(String runId, String modelId, String engineClass) {
    public static EngineKey of(CostProfile profile) {
        return new EngineKey(profile.getRunId(), profile.getModelId(), profile.getEngineClass());
    }

    /** Statistics from before engine classes were reported go by their device class. */
    public static EngineKey of(AcceptanceStats stats) {
        return new EngineKey(
                stats.getRunId(),
                stats.getModelId(),
                stats.getEngineClass().isEmpty() ? stats.getDeviceClass() : stats.getEngineClass());
    }

    public static EngineKey of(SpeculationSettings settings) {
        return new EngineKey(
                settings.getRunId(),
                settings.getModelId(),
                settings.getEngineClass().isEmpty() ? settings.getDeviceClass() : settings.getEngineClass());
    }

    /** As the topics are keyed. */
    @Override
    public String toString() {
        return Stream.of(runId, modelId, engineClass)
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("/"));
    }
}
