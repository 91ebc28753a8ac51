package dev.respec.scorer;

import dev.respec.schemas.GroupStatistics;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrustedEvents;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.TraceHeader;
import io.micrometer.core.instrument.Counter;
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
 * that names the missing ones. A rollout whose reward cannot be obtained goes to the dead letters and is missing.
 * Whatever arrives for an ended group is dropped and counted.
 *
 * <p>Slow rewards never hold up this thread, so that it stays in its consumer group: the rollout is kept in the store,
 * which is committed with its offset, until a poll finds the outcome. A successor starts the calls again that it finds
 * waiting there.
 *
 * <p>The timeout runs while the task runs, so that rollouts which waited in the topic during an outage still count.
 */
final class GroupCollector implements Processor<String, Rollout, String, SpecificRecord> {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private static final Logger log = LoggerFactory.getLogger(GroupCollector.class);
    private static final Duration SHORTEST_CHECK = Duration.ofMillis(20);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private final RewardScorer scorer;
    private final ScoringPolicy policy;
    private final ScorerMetrics metrics;
    private final Serializer<Rollout> rolloutSerializer;
    private final String topicName;
    private final RolloutAdmission admission;
    private final ScoringTraces traces;
    private ProcessorContext<String, SpecificRecord> context;
    private RolloutDeadLetters deadLetters;
    private GroupLedger ledger;
    private WaitingRewards waiting;
    private Instant startedAt;

    @SuppressWarnings("NullAway.Init") // init comes before process
    GroupCollector(
            RewardScorer scorer,
            ScoringPolicy policy,
            ScorerMetrics metrics,
            Serializer<Rollout> rolloutSerializer,
            String topicName,
            Traces traces) {
        this.scorer = scorer;
        this.policy = policy;
        this.metrics = metrics;
        this.rolloutSerializer = rolloutSerializer;
        this.topicName = topicName;
        this.admission = new RolloutAdmission(policy.runId());
        this.traces = new ScoringTraces(traces);
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        this.ledger = new GroupLedger(
                context.getStateStore(RewardScorerTopology.OPEN_GROUPS),
                context.getStateStore(RewardScorerTopology.CLOSED_GROUPS),
                context.getStateStore(RewardScorerTopology.PENDING_ROLLOUTS));
        this.startedAt = now();
        this.deadLetters = new RolloutDeadLetters(context, rolloutSerializer, topicName);
        this.waiting = new WaitingRewards(
                (requestId, sample) -> ledger.rollout(requestId, sample).getRollout(), scorer, metrics.waiting);
        ledger.waiting()
                .forEach(entry -> entry.group().waiting().keySet().forEach(i -> waiting.add(entry.requestId(), i)));
        context.schedule(BETWEEN_LOOKS, PunctuationType.WALL_CLOCK_TIME, time -> settleFinished());
        context.schedule(
                share(policy.groupTimeout(), Duration.ofSeconds(1)),
                PunctuationType.WALL_CLOCK_TIME,
                time -> endOverdueGroups());
        context.schedule(
                share(policy.seenRetention(), Duration.ofMinutes(10)),
                PunctuationType.WALL_CLOCK_TIME,
                time -> ledger.forget(now(), policy.seenRetention()));
    }

    /** A tenth of {@code duration} within sensible bounds: the interval at which to look for what is overdue. */
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
            deadLetters.forward(record, refusal.get());
            return;
        }
        Rollout rollout = record.value();
        switch (ledger.standing(rollout.getRequestId(), rollout.getSampleIndex(), rollout.getGroupSize())) {
            case NEW -> collect(record, rollout);
            case DUPLICATE -> drop(rollout, metrics.duplicates, "Duplicate rollout is dropped");
            case LATE -> drop(rollout, metrics.late, "Rollout of a group that has ended is dropped");
            case MISFIT -> {
                metrics.refused.increment();
                deadLetters.forward(
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
        String requestId = rollout.getRequestId();
        if (scorer.isSlow(rollout.getTask())) {
            long offset = context.recordMetadata().orElseThrow().offset();
            ledger.await(requestId, rollout.getSampleIndex(), scorer.unscored(rollout), offset, now());
            waiting.add(requestId, rollout.getSampleIndex());
            traces.await(record);
            return;
        }
        long begun = System.nanoTime();
        ScoredRollout scored = scorer.score(rollout);
        String traceparent = traces.scored(record, scored, begun);
        if (scored.getRewardError() != null && !scorer.knows(rollout.getTask())) {
            deadLetters.forward(record, scored.getRewardError());
        }
        count(scored);
        endIfSettled(requestId, ledger.add(requestId, rollout.getSampleIndex(), scored, now()), traceparent);
    }

    private void count(ScoredRollout scored) {
        metrics.scored.increment();
        if (scored.getRewardError() != null) {
            metrics.rewardErrors.increment();
            log.atWarn()
                    .addKeyValue("rolloutId", scored.getRollout().getRolloutId())
                    .addKeyValue("reason", scored.getRewardError())
                    .log("Rollout gets reward 0");
        }
    }

    private void settleFinished() {
        for (WaitingRewards.Finished finished : waiting.finished()) {
            String requestId = finished.sample().requestId();
            int sample = finished.sample().index();
            Rollout rollout = ledger.rollout(requestId, sample).getRollout();
            if (finished.outcome().unavailable()) {
                traces.forget(rollout);
                endIfSettled(
                        requestId,
                        fail(rollout, String.valueOf(finished.outcome().error())),
                        null);
            } else {
                ScoredRollout scored = scorer.scored(rollout, finished.outcome());
                count(scored);
                String traceparent = traces.settled(scored);
                endIfSettled(requestId, ledger.settle(requestId, sample, scored), traceparent);
            }
        }
    }

    private GroupState fail(Rollout rollout, String reason) {
        String requestId = rollout.getRequestId();
        long offset = ledger.waitingOffset(requestId, rollout.getSampleIndex()).orElseThrow();
        metrics.unscored.increment();
        deadLetters.forward(
                requestId,
                rollout,
                offset,
                "rollout '%s' gets no reward, its group ends incomplete: %s".formatted(rollout.getRolloutId(), reason));
        return ledger.fail(requestId, rollout.getSampleIndex());
    }

    /** @param traceparent of the rollout that ends the group; all rollouts of a group are of one trace */
    private void endIfSettled(String requestId, GroupState group, @Nullable String traceparent) {
        if (group.complete()) {
            endComplete(requestId, group, traceparent);
        } else if (group.settled()) {
            endIncomplete(requestId, group);
        }
    }

    private void endComplete(String requestId, GroupState group, @Nullable String traceparent) {
        List<ScoredRollout> rollouts = ledger.close(requestId, group, now()).scored();
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
        GroupLedger.Closed closed = ledger.close(requestId, group, now());
        List<ScoredRollout> rollouts = closed.scored();
        double[] values =
                rollouts.stream().mapToDouble(ScoredRollout::getReward).toArray();
        // A group none of whose rollouts has a reward is one of mean and deviation 0.
        var rewards = GroupAdvantages.of(values.length == 0 ? new double[1] : values);
        var statistics = statistics(GroupStatus.INCOMPLETE, group, rollouts.size(), rewards);
        for (ScoredRollout scored : rollouts) {
            scored.setGroup(statistics);
            forward(scored, null);
        }
        ScoredRollout first = rollouts.isEmpty() ? closed.failed().get(0) : rollouts.get(0);
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

    @Override
    public void close() {
        waiting.forget();
    }
}
