package dev.respec.trainer;

import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.BackgroundThread;
import dev.respec.stage.StageContext;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.inflight.InFlightRequests;
import dev.respec.trainer.inflight.Repeat;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the workers' statuses and publishes again what {@link InFlightRequests} finds lost, in a thread of its own,
 * because the trainer's thread is busy with a step for seconds.
 */
final class WorkerFollower implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(WorkerFollower.class);
    private static final Duration POLL = Duration.ofMillis(100);

    /** The most that one round counts as attention: longer rounds had a pause in them, of this process or the broker. */
    private static final Duration LONGEST_ROUND = Duration.ofMillis(750);

    /** What a worker said shortly before the trainer started counts. */
    private static final Duration BEFORE_START = Duration.ofMinutes(2);

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

    private final EventLog events;
    private final String runId;
    private final InFlightRequests inFlight;
    private final MeterRegistry metrics;
    private final StepTraces traces;
    private final BackgroundThread thread;

    WorkerFollower(StageContext context, String runId, InFlightRequests inFlight) {
        this(context.events(), context.metrics(), inFlight, new StepTraces(context.traces(), runId), runId);
    }

    WorkerFollower(EventLog events, MeterRegistry metrics, InFlightRequests inFlight, StepTraces traces, String runId) {
        this.events = events;
        this.runId = runId;
        this.inFlight = inFlight;
        this.metrics = metrics;
        this.traces = traces;
        this.thread = new BackgroundThread("worker-follower", CLOSE_TIMEOUT, this::follow);
    }

    /** To be called when the requests in flight are known. */
    void start() {
        thread.start();
    }

    /** After a failure it goes on from the beginning: without it, the requests of dead workers would wait for ever. */
    private void follow() {
        while (thread.isOpen()) {
            var mode = ConsumerMode.fromTime(Instant.now().minus(BEFORE_START));
            try (var statuses = events.consumer(TopicCatalogue.WORKER_STATUS, mode);
                    var producer = events.producer()) {
                rounds(statuses, producer);
            } catch (RuntimeException | Error e) {
                log.atWarn().addKeyValue("reason", e.toString()).log("Workers' statuses cannot be read, trying again");
                pause();
            }
        }
    }

    /**
     * A round ends when everything has been read that was in the log when the round before ended. It proves that the
     * broker answers: a worker's silence is its own.
     */
    private void rounds(EventConsumer<WorkerStatus> statuses, EventProducer producer) {
        var ends = statuses.endOffsets();
        long begun = System.nanoTime();
        while (thread.isOpen()) {
            statuses.poll(POLL).forEach(this::hear);
            if (!statuses.isBefore(ends)) {
                long now = System.nanoTime();
                inFlight.attend(Duration.ofNanos(Math.min(now - begun, LONGEST_ROUND.toNanos())));
                begun = now;
                publish(inFlight.due(), producer);
                ends = statuses.endOffsets();
            }
        }
    }

    private void hear(Event<WorkerStatus> event) {
        var status = event.value();
        if (status != null
                && (status.getRunId().equals(runId) || status.getRunId().isEmpty())) {
            inFlight.heard(status);
        }
    }

    private void publish(List<Repeat> repeats, EventProducer producer) {
        for (int i = 0; i < repeats.size(); i++) {
            try {
                publish(repeats.get(i), producer);
            } catch (RuntimeException e) {
                repeats.subList(i, repeats.size()).forEach(inFlight::notRepeated);
                throw e;
            }
        }
    }

    private void publish(Repeat repeat, EventProducer producer) {
        var request = repeat.request();
        var written = producer.sendAndWait(
                TopicCatalogue.ROLLOUT_REQUESTS, request.getRequestId(), request, traces.request(request));
        inFlight.repeated(request.getRequestId(), written.offset());
        TrainerMeters.repeats(metrics, repeat.cause()).increment();
        log.atWarn()
                .addKeyValue("requestId", request.getRequestId())
                .addKeyValue("cause", repeat.cause().text())
                .log("Request is asked again");
    }

    private static void pause() {
        try {
            Thread.sleep(LONGEST_ROUND.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
