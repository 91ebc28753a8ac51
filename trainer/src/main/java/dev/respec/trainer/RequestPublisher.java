package dev.respec.trainer;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.data.PromptSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
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

    private final EventLog events;
    private final EventProducer producer;
    private final Admission admission;
    private final PromptSource prompts;
    private final RequestCodec codec;
    private final Clock clock;
    private final TreeMap<Integer, Long> offsets;
    private final RequestBook book;

    /**
     * A publisher.
     *
     * @param producer transactional
     * @param offsets offset by partition before which all of this run's requests are known to the admission
     */
    RequestPublisher(
            EventLog events,
            EventProducer producer,
            Admission admission,
            PromptSource prompts,
            RequestCodec codec,
            Map<Integer, Long> offsets,
            Clock clock) {
        this.events = events;
        this.producer = producer;
        this.admission = admission;
        this.prompts = prompts;
        this.codec = codec;
        this.offsets = new TreeMap<>(offsets);
        this.clock = clock;
        this.book = new RequestBook(admission, clock.instant());
    }

    /** Reads the requests published after the checkpoint. To be called once, before anything else. */
    void recover() {
        var known = admission.inFlight();
        var found = new ArrayList<RolloutRequest>();
        try (var consumer = events.consumer(TopicCatalogue.ROLLOUT_REQUESTS, ConsumerMode.fromOffsets(offsets))) {
            var ends = consumer.endOffsets();
            while (consumer.positions().entrySet().stream()
                    .anyMatch(at -> at.getValue() < ends.getOrDefault(at.getKey(), 0L))) {
                consumer.poll(POLL).stream()
                        .map(Event::requireValue)
                        .filter(codec::ofThisRun)
                        .forEach(found::add);
            }
            offsets.putAll(consumer.positions());
        }
        book.recover(found.stream().map(codec::ticket).toList(), clock.instant());
        log.atInfo()
                .addKeyValue("inFlightAtCheckpoint", known)
                .addKeyValue("inFlight", admission.inFlight())
                .log("Requests in flight are known");
    }

    /**
     * Publishes requests until the bound of the step is reached. Returns how many.
     *
     * @param step steps done: a step without signal frees room, too, though its weights stay
     * @param version of the policy, for the requests
     */
    int admit(long step, long version) {
        var now = clock.instant();
        var tickets = book.admit(step, now);
        if (!tickets.isEmpty()) {
            publish(tickets, version, now);
        }
        return tickets.size();
    }

    private void publish(List<Ticket> tickets, long version, Instant now) {
        var sent = new ArrayList<CompletableFuture<RecordMetadata>>();
        producer.begin();
        for (var ticket : tickets) {
            var request = codec.request(ticket, prompts.at(ticket.promptPosition()), version, now);
            sent.add(producer.send(TopicCatalogue.ROLLOUT_REQUESTS, request.getRequestId(), request));
        }
        producer.commit();
        sent.stream()
                .map(CompletableFuture::join)
                .forEach(record -> offsets.merge(record.partition(), record.offset() + 1, Math::max));
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
