package dev.respec.ops.ui;

import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.DrafterAlarm;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** A drafter that declined, then collapsed, and a learner whose last round changed no parameter. */
final class RecordedTrouble {
    private static final Instant RAISED = Instant.parse("2026-01-01T00:01:00Z");

    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private RecordedTrouble() {}

    static void write(EventLog events) {
        try (var producer = events.producer()) {
            var decline = new DrafterAlarm("eagle3", 1, 0, 6L, "decline", 1.9, 3.4, RAISED, RAISED);
            var collapse = new DrafterAlarm("eagle3", 1, 0, 7L, "collapse", 1.02, 3.4, RAISED, RAISED.plusSeconds(30));
            String key = RecordedRun.RUN + "/policy/cpu-float32";
            producer.sendAndWait(TopicCatalogue.SD_SETTINGS, key, table(1, decline));
            producer.sendAndWait(TopicCatalogue.SD_SETTINGS, key, table(2, collapse));
            for (int round = 3; round <= 4; round++) {
                producer.sendAndWait(TopicCatalogue.TRAINING_STEPS, RecordedRun.RUN, round(round));
            }
        }
    }

    private static SpeculationSettings table(long version, DrafterAlarm alarm) {
        var off = new BatchSetting(64, new SpeculationSetting("off", 0, 1, 0), 1.0, 1.0, "collapse", List.of());
        return new SpeculationSettings(
                "policy", "cpu", version, RAISED, List.of(off, off), RecordedRun.RUN, "cpu-float32", List.of(alarm));
    }

    private static TrainingStep round(int round) {
        return TrainingStep.newBuilder()
                .setRunId(RecordedRun.RUN)
                .setRole(WeightRole.DRAFTER)
                .setStep(round)
                .setVersion(7)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of())
                .setMetrics(Map.of("unchanged", round == 4 ? 1.0 : 0.0, "gradient_norm", Double.NaN))
                .setPhases(Map.of())
                .setStartedAt(RAISED)
                .setFinishedAt(RAISED)
                .build();
    }
}
