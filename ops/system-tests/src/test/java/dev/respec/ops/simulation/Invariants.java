package dev.respec.ops.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.topics.Event;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What must hold of the topics at every moment, checked as each event is committed; knows nothing of the stages. */
public final class Invariants {
    private final int maxStaleness;
    private final Map<String, Outcome> outcomes = new HashMap<>();
    private final Set<String> fates = new HashSet<>();
    private final Map<Integer, Long> positions = new HashMap<>();
    private final Map<String, Long> trainedPrompts = new HashMap<>();
    private final Map<String, RolloutRequest> requests = new HashMap<>();
    private final Set<String> setAsidePrompts = new HashSet<>();
    private final Set<Integer> stepSizes = new HashSet<>();
    private int setAside;
    private int repeats;
    private long version = -1;
    private long step;

    /** Version of the weights before the step that is checked. */
    private long trained;

    /** What was written of one request. */
    private static final class Outcome {
        final Set<Integer> samples = new TreeSet<>();
        final Set<Double> rewards = new HashSet<>();
        int partition;
        long lastOffset;
        long oldestVersion = Long.MAX_VALUE;
        boolean complete;
        boolean incomplete;

        boolean ended() {
            return complete || incomplete;
        }
    }

    Invariants(int maxStaleness) {
        this.maxStaleness = maxStaleness;
    }

    void requested(Event<RolloutRequest> event) {
        RolloutRequest request = event.requireValue();
        RolloutRequest before = requests.putIfAbsent(request.getRequestId(), request);
        if (before == null) {
            assertThat(setAsidePrompts)
                    .as("what was set aside is not asked again")
                    .doesNotContain(position(request));
            return;
        }
        repeats++;
        assertThat(request.getSeed()).isEqualTo(before.getSeed());
        assertThat(request.getPromptId()).isEqualTo(before.getPromptId());
        assertThat(request.getGroupSize()).isEqualTo(before.getGroupSize());
        assertThat(request.getMetadata()).as("asked again as it was").isEqualTo(before.getMetadata());
        assertThat(fates).as("what is settled is not asked again").doesNotContain(request.getRequestId());
    }

    void scored(Event<ScoredRollout> event) {
        ScoredRollout record = event.requireValue();
        String id = record.getRequestId();
        assertThat(requests).as("scored requests were admitted").containsKey(id);
        Outcome outcome = outcomes.computeIfAbsent(id, key -> new Outcome());
        assertThat(outcome.ended())
                .as("%s has ended, and gets another record", id)
                .isFalse();
        outcome.partition = event.partition();
        outcome.lastOffset = event.offset();
        Rollout rollout = record.getRollout();
        if (rollout == null) {
            outcome.incomplete = true;
            Set<Integer> all = new TreeSet<>(outcome.samples);
            record.getMissingSamples()
                    .forEach(sample -> assertThat(all.add(sample))
                            .as("%s/%d is missing", id, sample)
                            .isTrue());
            assertThat(all)
                    .as("%s: scored or missing", id)
                    .hasSize(record.getGroup().getGroupSize());
            return;
        }
        assertThat(outcome.samples.add(rollout.getSampleIndex()))
                .as("%s is scored once", rollout.getRolloutId())
                .isTrue();
        outcome.rewards.add(record.getReward());
        rollout.getPolicySpans()
                .forEach(span -> outcome.oldestVersion = Math.min(outcome.oldestVersion, span.getPolicyVersion()));
        outcome.complete = record.getGroup().getStatus() == GroupStatus.COMPLETE
                && outcome.samples.size() == rollout.getGroupSize();
    }

    void announced(Event<WeightUpdate> event) {
        assertThat(event.requireValue().getVersion())
                .as("policy version after %d", version)
                .isEqualTo(version + 1);
        version++;
    }

    void stepped(Event<TrainingStep> event) {
        TrainingStep done = event.requireValue();
        assertThat(done.getStep()).as("step after %d", step).isEqualTo(step + 1);
        step = done.getStep();
        done.getSourceOffsets().forEach(this::tile);
        for (String id : done.getRequestIds()) {
            settle(id);
            Outcome group = outcomes.get(id);
            assertThat(group).as("%s was scored", id).isNotNull();
            assertThat(group.complete).as("%s is complete", id).isTrue();
            assertThat(positions.get(group.partition))
                    .as("%s lies in the ranges up to its step", id)
                    .isGreaterThan(group.lastOffset);
            assertThat(trained - group.oldestVersion).as("staleness of %s", id).isBetween(0L, (long) maxStaleness);
            String position = position(requests.get(id));
            assertThat(trainedPrompts.put(position, step))
                    .as("prompt %s is trained on once", position)
                    .isNull();
        }
        stepSizes.add(done.getRequestIds().size());
        assertThat(stepSizes).as("every step has its full count of groups").hasSize(1);
        done.getDroppedRequestIds().forEach(this::dropped);
        assertThat(done.getVersion())
                .as("version of step %d: the one before, or one more", step)
                .isBetween(trained, trained + 1);
        trained = done.getVersion();
    }

    private void dropped(String entry) {
        String id = entry.substring(0, entry.indexOf(' '));
        settle(id);
        if (entry.endsWith(" equal-rewards")) {
            Outcome group = outcomes.get(id);
            assertThat(group).as("%s was scored", id).isNotNull();
            assertThat(group.complete).as("%s is complete", id).isTrue();
            assertThat(group.rewards).as("rewards of %s", id).hasSize(1);
            setAsidePrompts.add(position(requests.get(id)));
            setAside++;
        }
    }

    private static String position(RolloutRequest request) {
        return String.valueOf(request.getMetadata().get("respec.position"));
    }

    private void tile(SourceOffsets range) {
        long expected = positions.getOrDefault(range.getPartition(), 0L);
        assertThat(range.getFromOffset())
                .as("step %d, partition %d starts where the last one ended", step, range.getPartition())
                .isEqualTo(expected);
        assertThat(range.getToOffset()).isGreaterThan(range.getFromOffset());
        positions.put(range.getPartition(), range.getToOffset());
    }

    private void settle(String requestId) {
        assertThat(requests).containsKey(requestId);
        assertThat(fates.add(requestId)).as("%s has one fate", requestId).isTrue();
    }

    /** Requests that were asked more than once under one id. */
    int repeats() {
        return repeats;
    }

    /** Groups that were set aside. */
    int setAside() {
        return setAside;
    }

    /** Once nothing fails any more and everything came to rest. */
    void atRest(long steps) {
        assertThat(step).isEqualTo(steps);
        assertThat(version).isEqualTo(trained);
        requests.keySet().forEach(id -> {
            Outcome outcome = outcomes.get(id);
            if (outcome == null) {
                // lost with its worker, and no longer wanted
                assertThat(fates)
                        .as("every request has an outcome or was given up")
                        .contains(id);
                return;
            }
            assertThat(outcome.complete ^ outcome.incomplete)
                    .as("%s is complete or incomplete", id)
                    .isTrue();
        });
        outcomes.forEach((id, outcome) -> {
            boolean read = outcome.lastOffset < positions.getOrDefault(outcome.partition, 0L);
            assertThat(!read || fates.contains(id))
                    .as("%s was read and has a fate", id)
                    .isTrue();
        });
    }
}
