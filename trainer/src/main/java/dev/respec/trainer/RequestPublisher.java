package dev.respec.trainer;

import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.BadInputException;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.curriculum.PromptDraws;
import dev.respec.trainer.inflight.InFlightRequests;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes requests as far as admission allows, all of a batch or none.
 *
 * <p>A request is admitted if and only if it is in the topic: after a crash, {@link #recover} learns from there what was
 * admitted since the checkpoint. Owned by the trainer's thread.
 */
final class RequestPublisher {
    private static final Logger log = LoggerFactory.getLogger(RequestPublisher.class);
    private static final Duration POLL = Duration.ofMillis(200);

    /** Refusals without one answer after which the data or worker.capacity must be wrong. */
    private static final int MOST_REFUSED_AT_FIRST = 1_000;

    /** Prompts given up without one complete group after which rewards or workers must be wrong. */
    private static final int MOST_GIVEN_UP_AT_FIRST = 64;

    private final Topic topic;
    private final StepTraces traces;
    private final Admission admission;
    private final PromptDraws prompts;
    private final RequestCodec codec;
    private final Clock clock;
    private final TreeMap<Integer, Long> offsets;
    private final RequestBook book;
    private final InFlightRequests inFlight;
    private final EvaluationRequests evaluation = new EvaluationRequests();
    private final TreeMap<Long, String> refused = new TreeMap<>();
    private String lastRefusal = "see the dead letters";
    private int refusals;

    /**
     * The topic of requests.
     *
     * @param producer transactional
     * @param offsets offset by partition before which all of this run's requests are known to the admission
     */
    record Topic(EventLog events, EventProducer producer, Map<Integer, Long> offsets) {}

    /**
     * A publisher.
     *
     * @param inFlight told what is in the queue and what needs no worker any more
     */
    RequestPublisher(
            Topic topic,
            Admission admission,
            PromptDraws prompts,
            RequestCodec codec,
            InFlightRequests inFlight,
            StepTraces traces,
            Clock clock) {
        this.topic = topic;
        this.traces = traces;
        this.admission = admission;
        this.prompts = prompts;
        this.codec = codec;
        this.offsets = new TreeMap<>(topic.offsets());
        this.inFlight = inFlight;
        this.clock = clock;
        this.book = new RequestBook(admission, clock.instant());
    }

    Admission admission() {
        return admission;
    }

    PromptDraws prompts() {
        return prompts;
    }

    RequestCodec codec() {
        return codec;
    }

    String requestId(long index) {
        return codec.requestId(index);
    }

    /**
     * Reads the requests published after the checkpoint. To be called once, before anything else.
     *
     * @param version of the checkpoint
     */
    void recover(long version) {
        var known = admission.inFlight();
        var found = new ArrayList<RolloutRequest>();
        var ofEvaluations = new ArrayList<RolloutRequest>();
        try (var consumer =
                topic.events().consumer(TopicCatalogue.ROLLOUT_REQUESTS, ConsumerMode.fromOffsets(offsets))) {
            var ends = consumer.endOffsets();
            while (consumer.isBefore(ends)) {
                for (var event : consumer.poll(POLL)) {
                    var request = event.requireValue();
                    if (codec.ofThisRun(request)) {
                        found.add(request);
                    } else if (codec.ofAnEvaluation(request)) {
                        ofEvaluations.add(request);
                    }
                }
            }
            offsets.putAll(consumer.positions());
        }
        found.forEach(request -> prompts.recover(codec.ticket(request).promptPosition(), request.getPromptId()));
        book.recover(found.stream().map(codec::ticket).toList(), clock.instant());
        found.forEach(request -> inFlight.published(request, OptionalLong.empty()));
        admission.awaited().forEach(index -> makeAgain(index, version));
        evaluation.recover(ofEvaluations);
        ofEvaluations.forEach(request -> inFlight.published(request, OptionalLong.empty()));
        settle();
        log.atInfo()
                .addKeyValue("inFlightAtCheckpoint", known)
                .addKeyValue("inFlight", admission.inFlight())
                .log("Requests in flight are known");
    }

    /** For a request that the checkpoint knows: the same again, but for the version and the time of its admission. */
    private void makeAgain(long requestIndex, long version) {
        var ticket = admission.ticket(requestIndex);
        var request = codec.request(ticket, prompts.at(ticket.promptPosition()), version, clock.instant());
        inFlight.published(request, OptionalLong.empty());
    }

    /**
     * Publishes requests until the bound of the step is reached. Returns how many.
     *
     * @param step steps done: a step without signal frees room, too, though its weights stay
     * @param version of the policy, for the requests
     */
    int admit(long step, long version) {
        requireUsablePrompts();
        var now = clock.instant();
        var tickets = book.admit(step, now);
        if (!tickets.isEmpty()) {
            publish(tickets, version, now);
        }
        return tickets.size();
    }

    private void requireUsablePrompts() {
        if (admission.refusedAny() && prompts.all(prompt -> admission.refused(prompt.fingerprint()))) {
            throw new BadInputException("the workers refuse all %d prompts of data.train; the last one: %s"
                    .formatted(prompts.distinct(), lastRefusal));
        }
        if (admission.accepted() == 0 && refusals >= MOST_REFUSED_AT_FIRST) {
            throw new BadInputException(
                    "the workers refuse the prompts of data.train, %d of them and no other was answered; the last one: %s"
                            .formatted(refusals, lastRefusal));
        }
        long givenUp = admission.abandoned() - refusals;
        if (!admission.anyAnswered() && givenUp >= MOST_GIVEN_UP_AT_FIRST) {
            throw new BadInputException(
                    "%d prompts were given up and not one group was complete: the dead letters say why (respec query \"SELECT reason FROM dead_letters\"), such as a reward that cannot be had"
                            .formatted(givenUp));
        }
    }

    private void publish(List<Ticket> tickets, long version, Instant now) {
        publish(tickets.stream()
                .map(ticket -> codec.request(ticket, prompts.at(ticket.promptPosition()), version, now))
                .toList());
    }

    /** Publishes the requests of an evaluation, all or none. */
    void ask(List<RolloutRequest> requests) {
        evaluation.asked(requests);
        publish(requests);
    }

    /** All or none; made beforehand, since workers wait from the first one sent until the commit. */
    private void publish(List<RolloutRequest> requests) {
        var producer = topic.producer();
        var sent = new LinkedHashMap<RolloutRequest, CompletableFuture<RecordMetadata>>();
        var begun = clock.instant();
        producer.begin();
        requests.forEach(request -> sent.put(
                request,
                producer.send(
                        TopicCatalogue.ROLLOUT_REQUESTS, request.getRequestId(), request, traces.request(request))));
        producer.commit();
        if (traces.on()) {
            var ended = clock.instant();
            requests.forEach(request -> traces.sent(request, traces.request(request), begun, ended));
        }
        sent.forEach((request, written) -> {
            var record = written.join();
            offsets.merge(record.partition(), record.offset() + 1, Math::max);
            inFlight.published(request, OptionalLong.of(record.offset()));
        });
    }

    /** Requests in flight that no worker can answer, each returned once, with the reason. */
    Map<Long, String> refusals() {
        takeRefusals();
        var taken = Map.copyOf(refused);
        refused.clear();
        return taken;
    }

    private void takeRefusals() {
        inFlight.takeRefusals().forEach((id, why) -> {
            if (EvaluationRequestId.isIn(id)) {
                evaluation.refused(id, why);
            } else {
                lastRefusal = why;
                refusals++;
                refused.put(codec.requestIndex(id), why);
            }
        });
    }

    /** The requests of evaluations, with what workers have refused until now. */
    EvaluationRequests evaluation() {
        takeRefusals();
        return evaluation;
    }

    /** A result of a request is in the log. */
    void answered(Event<ScoredRollout> result) {
        traces.arrived(result);
        inFlight.answered(result.requireValue().getRequestId());
    }

    boolean knowsResults() {
        return inFlight.knowsResults();
    }

    /** Every result that was in the log when the trainer started has been read. */
    void resultsKnown() {
        inFlight.resultsKnown();
    }

    /** What is not awaited any more is not asked again. */
    void settle() {
        var awaited = admission.awaited().stream().map(codec::requestId).collect(Collectors.toSet());
        awaited.addAll(evaluation.awaited());
        inFlight.retain(awaited);
    }

    /** Requests in flight for longer than the timeout. */
    List<Long> overdue(Duration timeout) {
        return book.overdue(clock.instant(), timeout);
    }

    /** Offset by partition before which all of this run's requests are known to the admission. */
    Map<Integer, Long> offsets() {
        return Map.copyOf(offsets);
    }
}
