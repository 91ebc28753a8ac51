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

/** Reads the records of a run as they are written, each once, from the first. One thread. */
public final class RunTail implements AutoCloseable {
    private static final Duration WAIT = Duration.ofMillis(100);

    private final List<Tail<?>> tails = new ArrayList<>();

    /** @param items is given the records */
    public RunTail(EventLog events, RunItems items) {
        try {
            // effects are read before their causes, so that the causes of every effect that was read are there
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
            while (consumer.isBefore(ends)) {
                for (Event<V> event : consumer.poll(WAIT)) {
                    V value = event.value();
                    if (value != null) {
                        reader.accept(value);
                    }
                }
            }
        }

        void close() {
            consumer.close();
        }
    }
}
