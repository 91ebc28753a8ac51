package dev.respec.trainer;

import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.StageContext;
import dev.respec.topics.EventConsumer;
import dev.respec.trainer.StepGroups.Collected;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.GroupAssembler;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for the groups of a step. What comes incomplete, too old or unasked for is dropped with a reason, and its prompt
 * asked again; in place of what is set aside, further prompts are asked. Owned by the trainer's thread.
 */
final class GroupCollector {
    private static final Logger log = LoggerFactory.getLogger(GroupCollector.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final EventConsumer<ScoredRollout> consumer;
    private final GroupAssembler assembler;
    private final RequestPublisher requests;
    private final Admission admission;
    private final Evaluations evaluations;
    private final CollectorLimits limits;
    private final StageContext context;
    private final Clock clock;

    /**
     * Limits of what is waited for and taken.
     *
     * @param requestTimeout after which a request without result is asked again
     */
    record CollectorLimits(StepGroups.Rules rules, Duration requestTimeout) {}

    private final Map<Integer, Long> endsAtStart;
    private Instant lastRecord;

    /** What {@link #collect} filled last. */
    private StepGroups step;

    GroupCollector(
            EventConsumer<ScoredRollout> consumer,
            GroupAssembler assembler,
            RequestPublisher requests,
            Evaluations evaluations,
            CollectorLimits limits,
            StageContext context,
            Clock clock) {
        this.consumer = consumer;
        this.assembler = assembler;
        this.admission = requests.admission();
        this.requests = requests;
        this.evaluations = evaluations;
        this.limits = limits;
        this.context = context;
        this.clock = clock;
        this.endsAtStart = consumer.endOffsets();
        this.lastRecord = clock.instant();
        this.step = new StepGroups(admission, limits.rules(), 0);
    }

    /**
     * Returns the groups of the next step; fewer than a step needs if the stage is stopping.
     *
     * @param done steps done
     * @param version the trainer's version, which the groups will update
     */
    Collected collect(long done, long version) {
        return fill(done, version).collected();
    }

    /** The groups collected last are those of the run's last step: what is left in flight is given up. */
    Collected endRun() {
        step.giveUpRest(requests::requestId);
        requests.settle();
        return step.collected();
    }

    /** Waits for the end of the evaluation under way, or until the stage is stopping. */
    void awaitEvaluation() {
        lastRecord = clock.instant();
        while (evaluations.underWay() && !context.stopping()) {
            read(step.size());
            requests.settle();
        }
    }

    private StepGroups fill(long done, long version) {
        step = new StepGroups(admission, limits.rules(), version);
        lastRecord = clock.instant();
        while (!step.full() && !context.stopping()) {
            var next = assembler.take();
            if (next.isPresent()) {
                step.judge(next.get());
            } else {
                requests.admit(done, version); // in place of what was set aside, dropped or given up
                read(step.size());
                giveUp(step);
            }
        }
        requests.settle();
        return step;
    }

    /** Ends the step. To be called between {@link #collect} and the next. */
    StepAccount close(String runId, long step) {
        var prompts = requests.prompts();
        prompts.endStep(this.step.collected().answered(), admission.state());
        return StepAccount.close(runId, step, assembler, admission, prompts.state(), requests.offsets());
    }

    private void read(int groups) {
        var records = consumer.poll(POLL);
        for (var record : records) {
            assembler.add(record.partition(), record.offset(), record.timestamp(), record.requireValue());
            evaluations.offer(record.requireValue());
            requests.answered(record);
        }
        evaluations.tend();
        if (!requests.knowsResults() && !consumer.isBefore(endsAtStart)) {
            requests.resultsKnown();
        }
        var now = clock.instant();
        if (!records.isEmpty()) {
            lastRecord = now;
        } else if (Duration.between(lastRecord, now).compareTo(SILENCE) > 0) {
            lastRecord = now;
            log.atWarn()
                    .addKeyValue("inFlight", admission.inFlight())
                    .addKeyValue("groups", groups)
                    .addKeyValue("groupsPerStep", limits.rules().groupsPerStep())
                    .addKeyValue("silence", SILENCE)
                    .log("No scored rollouts arrive: are workers and scorer running?");
        }
    }

    private void giveUp(StepGroups step) {
        requests.refusals().forEach((index, why) -> step.refuse(requests.requestId(index), index, why));
        requests.overdue(limits.requestTimeout()).forEach(index -> step.giveUp(requests.requestId(index), index));
        requests.settle();
    }
}
