package dev.respec.ops.exports.run;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/** Reads on and on what a run writes, each record once, from the first one. One thread. */
public final class RunTail implements AutoCloseable {
    private static final Duration WAIT = Duration.ofMillis(100);

    private final List<Tail<?>> tails = new ArrayList<>();

    /** @param items is given the records */
    public RunTail(EventLog events, RunItems items) {
        try {
            // what follows from something is read before it, so that nothing comes without its cause
            tails.add(new Tail<TrainingStep>(events, TopicCatalogue.TRAINING_STEPS, items::add));
            tails.add(new Tail<PolicyEvaluation>(events, TopicCatalogue.EVALUATIONS, items::add));
            tails.add(new Tail<AcceptanceStats>(events, TopicCatalogue.ACCEPTANCE_STATS, items::add));
            tails.add(new Tail<ScoredRollout>(events, TopicCatalogue.SCORED_ROLLOUTS, items::add));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Reads up to what the topics hold at the call. */
    public void catchUp() {
        tails.forEach(Tail::catchUp);
    }

    @Override
    public void close() {
        tails.forEach(Tail::close);
        tails.clear();
    }

    private static final class Tail<V extends SpecificRecord> {
        private final EventConsumer<V> consumer;
        private final Consumer<V> reader;

        Tail(EventLog events, Topic<V> topic, Consumer<V> reader) {
            this.consumer = events.consumer(topic, ConsumerMode.fromBeginning());
            this.reader = reader;
        }

        void catchUp() {
            Map<Integer, Long> ends = consumer.endOffsets();
            while (!isAt(ends)) {
                for (Event<V> event : consumer.poll(WAIT)) {
                    V value = event.value();
                    if (value != null) {
                        reader.accept(value);
                    }
                }
            }
        }

        private boolean isAt(Map<Integer, Long> ends) {
            Map<Integer, Long> positions = consumer.positions();
            return ends.entrySet().stream().allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
        }

        void close() {
            consumer.close();
        }
    }
}
