package dev.respec.trainer;

import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.SourceOffsets;
import dev.respec.stage.StageContext;
import dev.respec.topics.EventConsumer;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.Cursor;
import dev.respec.trainer.assembly.GroupAssembler;
import dev.respec.trainer.assembly.ScoredGroup;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the groups of a step. What comes incomplete, too old or unasked for is dropped with a reason, and its prompt
 * asked again. Owned by the trainer's thread.
 */
final class GroupCollector {
    private static final Logger log = LoggerFactory.getLogger(GroupCollector.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    /** Why a request's rollouts do not enter a step. */
    enum Reason {
        INCOMPLETE("incomplete"),
        STALE("stale"),
        TIMED_OUT("timed-out"),
        REPLACED("replaced"),
        SETTLED("settled"),
        WRONG_SIZE("wrong-size");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    /**
     * The groups of a step, and what was read and left out.
     *
     * @param dropped request ids, each with the reason after a space
     */
    record Collected(List<ScoredGroup> groups, List<String> dropped, Map<Reason, Integer> reasons) {
        int count(Reason reason) {
            return reasons.getOrDefault(reason, 0);
        }
    }

    private final EventConsumer<ScoredRollout> consumer;
    private final GroupAssembler assembler;
    private final Admission admission;
    private final RequestPublisher requests;
    private final RequestCodec codec;
    private final CollectorLimits limits;
    private final StageContext context;
    private final Clock clock;

    /**
     * Limits of what is waited for and taken.
     *
     * @param groupsPerStep groups of a step
     * @param groupSize rollouts of a group
     * @param maxStaleness versions a token may be behind
     * @param requestTimeout after which a request without result is asked again
     */
    record CollectorLimits(int groupsPerStep, int groupSize, int maxStaleness, Duration requestTimeout) {}

    private List<ScoredGroup> groups = new ArrayList<>();
    private List<String> dropped = new ArrayList<>();
    private Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
    private Instant lastRecord;

    GroupCollector(
            EventConsumer<ScoredRollout> consumer,
            GroupAssembler assembler,
            Admission admission,
            RequestPublisher requests,
            RequestCodec codec,
            CollectorLimits limits,
            StageContext context,
            Clock clock) {
        this.consumer = consumer;
        this.assembler = assembler;
        this.admission = admission;
        this.requests = requests;
        this.codec = codec;
        this.limits = limits;
        this.context = context;
        this.clock = clock;
        this.lastRecord = clock.instant();
    }

    /**
     * Returns the groups of the next step; fewer than a step needs if the stage is stopping.
     *
     * @param version the trainer's version, which the groups will update
     */
    Collected collect(long version) {
        groups = new ArrayList<>();
        dropped = new ArrayList<>();
        reasons = new EnumMap<>(Reason.class);
        lastRecord = clock.instant();
        while (groups.size() < limits.groupsPerStep() && !context.stopping()) {
            var next = assembler.take();
            if (next.isPresent()) {
                judge(next.get(), version);
            } else {
                read();
                dropTimedOut();
                requests.admit(version);
            }
        }
        return new Collected(groups, dropped, reasons);
    }

    /** Ends the step: the ranges it consumed. */
    List<SourceOffsets> commit() {
        return assembler.commit();
    }

    /** Where the next step reads on; valid between {@link #commit} and {@link #collect}. */
    Cursor cursor() {
        return assembler.cursor();
    }

    private void judge(ScoredGroup group, long version) {
        var standing = admission.standing(group.requestIndex());
        if (standing == Admission.Standing.SETTLED) {
            // its drop stands in this step or an earlier one already: one fate a request
            reasons.merge(Reason.SETTLED, 1, Integer::sum);
            log.atInfo().addKeyValue("requestId", group.requestId()).log("Group comes too late");
        } else if (group.status() == ScoredGroup.Status.INCOMPLETE) {
            drop(group.requestId(), group.requestIndex(), Reason.INCOMPLETE);
        } else if (group.rollouts().size() != limits.groupSize()) {
            drop(group.requestId(), group.requestIndex(), Reason.WRONG_SIZE);
        } else if (version - group.oldestPolicyVersion() > limits.maxStaleness()) {
            drop(group.requestId(), group.requestIndex(), Reason.STALE);
        } else if (standing == Admission.Standing.REPLACED) {
            drop(group.requestId(), group.requestIndex(), Reason.REPLACED);
        } else {
            admission.accept(group.requestIndex());
            groups.add(group);
        }
    }

    private void drop(String requestId, long requestIndex, Reason reason) {
        var fate = admission.drop(requestIndex);
        dropped.add(requestId + " " + reason.text);
        reasons.merge(reason, 1, Integer::sum);
        var level = fate == Admission.Drop.ABANDONED ? log.atWarn() : log.atInfo();
        level.addKeyValue("requestId", requestId)
                .addKeyValue("reason", reason.text)
                .addKeyValue("prompt", fate)
                .log("Group is dropped");
    }

    private void read() {
        var records = consumer.poll(POLL);
        for (var record : records) {
            assembler.add(record.partition(), record.offset(), record.timestamp(), record.requireValue());
        }
        var now = clock.instant();
        if (!records.isEmpty()) {
            lastRecord = now;
        } else if (Duration.between(lastRecord, now).compareTo(SILENCE) > 0) {
            lastRecord = now;
            log.atWarn()
                    .addKeyValue("inFlight", admission.inFlight())
                    .addKeyValue("groups", groups.size())
                    .addKeyValue("groupsPerStep", limits.groupsPerStep())
                    .addKeyValue("silence", SILENCE)
                    .log("No scored rollouts arrive: are workers and scorer running?");
        }
    }

    private void dropTimedOut() {
        requests.admittedBefore(clock.instant().minus(limits.requestTimeout()))
                .forEach(index -> drop(codec.requestId(index), index, Reason.TIMED_OUT));
    }
}
