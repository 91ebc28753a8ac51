package dev.respec.trainer;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.assembly.ScoredRecords;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Worker and scorer in one, whose answer is a function of the request: the same inputs for every trainer. */
final class OrderlyPipeline implements AutoCloseable {
    static final int GROUP_SIZE = 4;
    static final int VOCABULARY = 22;
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int RESPONSE = 6;

    private final EventLog events;
    private final Predicate<RolloutRequest> answerable;
    private final Thread thread;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger(Integer.MAX_VALUE);

    OrderlyPipeline(EventLog events) {
        this(events, request -> true);
    }

    /** @param answerable requests that are answered at all */
    OrderlyPipeline(EventLog events, Predicate<RolloutRequest> answerable) {
        this.events = events;
        this.answerable = answerable;
        this.thread = new Thread(this::run, "orderly-pipeline");
        thread.start();
    }

    /** Groups written. */
    int answered() {
        return answered.get();
    }

    /** Answers no more groups than this in all. */
    void answerUpTo(int groups) {
        most.set(groups);
    }

    private void run() {
        var waiting = new ArrayDeque<RolloutRequest>();
        try (var requests = events.consumer(TopicCatalogue.ROLLOUT_REQUESTS, ConsumerMode.fromBeginning());
                var producer = events.transactionalProducer("orderly-scorer")) {
            while (!stopped.get()) {
                requests.poll(POLL).stream()
                        .map(Event::requireValue)
                        .filter(answerable)
                        .forEach(waiting::add);
                while (!waiting.isEmpty() && answered.get() < most.get()) {
                    answer(waiting.remove(), producer);
                }
            }
        }
    }

    private void answer(RolloutRequest request, EventProducer producer) {
        producer.begin();
        for (int sample = 0; sample < GROUP_SIZE; sample++) {
            var scored = ScoredRecords.scored(
                    request.getRunId(),
                    request.getRequestId(),
                    rollout(request, sample),
                    GroupStatus.COMPLETE,
                    GROUP_SIZE,
                    GROUP_SIZE,
                    teaches(request.getRequestIndex()) ? sample % 2 : 1);
            var unused = producer.send(TopicCatalogue.SCORED_ROLLOUTS, request.getRequestId(), scored);
        }
        producer.commit();
        answered.incrementAndGet();
    }

    /** Whether a group's rewards differ: every third one's do not. */
    static boolean teaches(long requestIndex) {
        return requestIndex % 3 != 1;
    }

    private static Rollout rollout(RolloutRequest request, int sample) {
        var random = new Random(31 * request.getRequestIndex() + sample);
        var rollout = ScoredRecords.rollout(
                request.getRunId(), request.getRequestId(), sample, GROUP_SIZE, request.getAdmittedAtVersion());
        rollout.setPromptId(request.getPromptId());
        rollout.setPromptTokens(
                PackedArrays.ofInts(random.ints(5, 2, VOCABULARY).toArray()));
        rollout.setResponseTokens(
                PackedArrays.ofInts(IntStream.concat(random.ints(RESPONSE - 1, 2, VOCABULARY), IntStream.of(1))
                        .toArray()));
        var logProbabilities = new float[RESPONSE];
        for (int i = 0; i < RESPONSE; i++) {
            logProbabilities[i] = -3 - random.nextFloat() / 5;
        }
        rollout.setLogProbabilities(PackedArrays.ofFloats(logProbabilities));
        rollout.getPolicySpans().get(0).setTokenCount(RESPONSE);
        return rollout;
    }

    @Override
    public void close() throws InterruptedException {
        stopped.set(true);
        thread.join(10_000);
    }
}
