package dev.respec.scorer;

import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrustedEvents;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.stage.tracing.TracedSpan;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.TraceHeader;
import io.micrometer.core.instrument.Counter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts every rollout id once, scores it, and ends every group once: complete, with its G rollouts in sample order and
 * their advantages; or incomplete after the timeout, with those that came (advantage 0) and then the closing record
 * that names the missing ones. Whatever comes for an ended group is dropped and counted.
 *
 * <p>The timeout runs while the task runs, so that rollouts which waited in the topic during an outage still count.
 */
final class GroupCollector implements Processor<String, Rollout, String, SpecificRecord> {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private static final Logger log = LoggerFactory.getLogger(GroupCollector.class);
    private static final Duration SHORTEST_CHECK = Duration.ofMillis(20);

    private final RewardScorer scorer;
    private final ScoringPolicy policy;
    private final ScorerMetrics metrics;
    private final Serializer<Rollout> rolloutSerializer;
    private final RolloutAdmission admission;
    private final Traces traces;
    private ProcessorContext<String, SpecificRecord> context;
    private GroupLedger ledger;
    private Instant startedAt;

    @SuppressWarnings("NullAway.Init") // init comes before process
    GroupCollector(
            RewardScorer scorer,
            ScoringPolicy policy,
            ScorerMetrics metrics,
            Serializer<Rollout> rolloutSerializer,
            Traces traces) {
        this.scorer = scorer;
        this.policy = policy;
        this.metrics = metrics;
        this.rolloutSerializer = rolloutSerializer;
        this.admission = new RolloutAdmission(policy.runId());
        this.traces = traces;
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        this.ledger = new GroupLedger(
                context.getStateStore(RewardScorerTopology.OPEN_GROUPS),
                context.getStateStore(RewardScorerTopology.CLOSED_GROUPS),
                context.getStateStore(RewardScorerTopology.PENDING_ROLLOUTS));
        this.startedAt = now();
        context.schedule(
                share(policy.groupTimeout(), Duration.ofSeconds(1)),
                PunctuationType.WALL_CLOCK_TIME,
                time -> endOverdueGroups());
        context.schedule(
                share(policy.seenRetention(), Duration.ofMinutes(10)),
                PunctuationType.WALL_CLOCK_TIME,
                time -> ledger.forget(now(), policy.seenRetention()));
    }

    /** A tenth of {@code duration} within sensible bounds: how often to look for what is past it. */
    private static Duration share(Duration duration, Duration most) {
        Duration tenth = duration.dividedBy(10);
        Duration bounded = tenth.compareTo(most) > 0 ? most : tenth;
        return bounded.compareTo(SHORTEST_CHECK) < 0 ? SHORTEST_CHECK : bounded;
    }

    private Instant now() {
        return Instant.ofEpochMilli(context.currentSystemTimeMs());
    }

    @Override
    public void process(Record<String, Rollout> record) {
        var refusal = admission.refusal(record.key(), record.value());
        if (refusal.isPresent()) {
            metrics.refused.increment();
            forwardDeadLetter(record, refusal.get());
            return;
        }
        Rollout rollout = record.value();
        switch (ledger.standing(rollout.getRequestId(), rollout.getSampleIndex(), rollout.getGroupSize())) {
            case NEW -> collect(record, rollout);
            case DUPLICATE -> drop(rollout, metrics.duplicates, "Duplicate rollout is dropped");
            case LATE -> drop(rollout, metrics.late, "Rollout of a group that has ended is dropped");
            case MISFIT -> {
                metrics.refused.increment();
                forwardDeadLetter(
                        record,
                        "group size is %d, earlier rollouts of request '%s' say otherwise"
                                .formatted(rollout.getGroupSize(), rollout.getRequestId()));
            }
        }
    }

    private static void drop(Rollout rollout, Counter counter, String message) {
        counter.increment();
        log.atDebug()
                .addKeyValue("rolloutId", rollout.getRolloutId())
                .addKeyValue("workerId", rollout.getWorkerId())
                .log(message);
    }

    private void collect(Record<String, Rollout> record, Rollout rollout) {
        long begun = System.nanoTime();
        ScoredRollout scored = scorer.score(rollout);
        String traceparent = traced(record, scored, begun);
        metrics.scored.increment();
        if (scored.getRewardError() != null) {
            tellOfError(record, rollout, scored.getRewardError());
        }
        GroupState group = ledger.add(rollout.getRequestId(), rollout.getSampleIndex(), scored, now());
        if (group.complete()) {
            endComplete(rollout.getRequestId(), group, traceparent);
        }
    }

    /** Null unless the rollout is traced. */
    private @Nullable String traced(Record<String, Rollout> record, ScoredRollout scored, long begunNanos) {
        TraceContext generation = traces.on() ? TraceContext.parse(TraceHeader.of(record.headers())) : null;
        if (generation == null) {
            return null;
        }
        Instant ended = Instant.now(); // the context's clock stands still while a record is processed
        TracedSpan scoring = TracedSpan.child(
                generation,
                "scoring",
                ended.minusNanos(System.nanoTime() - begunNanos),
                ended,
                Map.of(
                        "respec.rollout.id", record.value().getRolloutId(),
                        "respec.reward", scored.getReward(),
                        "respec.reward.function", scored.getRewardFunction()));
        traces.record(scoring);
        return scoring.at().header();
    }

    private void tellOfError(Record<String, Rollout> record, Rollout rollout, String error) {
        metrics.rewardErrors.increment();
        if (!scorer.knows(rollout.getTask())) {
            forwardDeadLetter(record, error);
            return;
        }
        log.atWarn()
                .addKeyValue("rolloutId", rollout.getRolloutId())
                .addKeyValue("reason", error)
                .log("Rollout gets reward 0");
    }

    /** @param traceparent of the rollout that completes the group; all rollouts of a group are of one trace */
    private void endComplete(String requestId, GroupState group, @Nullable String traceparent) {
        List<ScoredRollout> rollouts = ledger.close(requestId, group, now());
        var advantages = GroupAdvantages.of(
                rollouts.stream().mapToDouble(ScoredRollout::getReward).toArray());
        var statistics = statistics(GroupStatus.COMPLETE, group, rollouts.size(), advantages);
        for (int i = 0; i < rollouts.size(); i++) {
            ScoredRollout scored = rollouts.get(i);
            scored.setGroup(statistics);
            scored.setAdvantage(advantages.advantage(i));
            forward(scored, traceparent);
        }
        metrics.completeGroups.increment();
    }

    private void endOverdueGroups() {
        ledger.overdue(now(), policy.groupTimeout(), startedAt)
                .forEach(entry -> endIncomplete(entry.requestId(), entry.group()));
    }

    private void endIncomplete(String requestId, GroupState group) {
        List<ScoredRollout> rollouts = ledger.close(requestId, group, now());
        var rewards = GroupAdvantages.of(
                rollouts.stream().mapToDouble(ScoredRollout::getReward).toArray());
        var statistics = statistics(GroupStatus.INCOMPLETE, group, rollouts.size(), rewards);
        for (ScoredRollout scored : rollouts) {
            scored.setGroup(statistics);
            forward(scored, null);
        }
        ScoredRollout first = rollouts.get(0);
        var closing = ScoredRollout.newBuilder()
                .setRunId(first.getRunId())
                .setRequestId(requestId)
                .setRollout(null)
                .setReward(0)
                .setRewardParts(Map.of())
                .setRewardFunction(first.getRewardFunction())
                .setGroup(statistics)
                .setAdvantage(0)
                .setMissingSamples(group.missing())
                .setScoredAt(now())
                .build();
        forward(closing, null);
        metrics.incompleteGroups.increment();
        log.atWarn()
                .addKeyValue("requestId", requestId)
                .addKeyValue("groupSize", group.groupSize())
                .addKeyValue("missingSamples", group.missing())
                .addKeyValue("timeoutSeconds", policy.groupTimeout().toSeconds())
                .log("Group ends incomplete");
    }

    private static GroupStatistics statistics(
            GroupStatus status, GroupState group, int rolloutCount, GroupAdvantages rewards) {
        return new GroupStatistics(status, group.groupSize(), rolloutCount, rewards.mean(), rewards.deviation());
    }

    private void forward(ScoredRollout scored, @Nullable String traceparent) {
        Record<String, SpecificRecord> record =
                new Record<>(scored.getRequestId(), scored, context.currentSystemTimeMs());
        TraceHeader.put(record.headers(), traceparent);
        context.forward(record, RewardScorerTopology.SCORED_ROLLOUTS);
    }

    private void forwardDeadLetter(Record<String, Rollout> record, String reason) {
        var origin = context.recordMetadata().orElseThrow();
        log.atWarn()
                .addKeyValue("topicName", origin.topic())
                .addKeyValue("partition", origin.partition())
                .addKeyValue("offset", origin.offset())
                .addKeyValue("reason", reason)
                .log("Record goes to the dead letters");
        String key = record.key();
        var letter = DeadLetter.newBuilder()
                .setStage(RewardScorerTopology.NAME)
                .setOriginTopic(origin.topic())
                .setOriginPartition(origin.partition())
                .setOriginOffset(origin.offset())
                .setOriginKey(key == null ? null : ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)))
                .setOriginValue(
                        record.value() == null
                                ? null
                                : ByteBuffer.wrap(rolloutSerializer.serialize(origin.topic(), record.value())))
                .setReason(reason)
                .setFailedAt(now())
                .build();
        context.forward(
                new Record<>(key == null ? "" : key, letter, context.currentSystemTimeMs()),
                RewardScorerTopology.DEAD_LETTERS);
    }
}
