package dev.respec.scorer;

import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.ScorerSection;
import dev.respec.streams.DeadLetterHandler;
import dev.respec.topics.EventLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Settings under which the scorer's topology is exactly-once and quick; the installation's own properties win. */
final class ScorerStreamsSettings {
    private static final int MOST_RECORDS_A_POLL = 64;

    /** Rollouts come together, at most so late: each answer costs the broker, and only synchronous training waits for one. */
    private static final int FETCH_BYTES = 64 << 10;

    private static final int FETCH_WAIT_MILLIS = 50;

    /** Broker's largest by default. */
    private static final Duration LONGEST_TRANSACTION = Duration.ofMinutes(15);

    private ScorerStreamsSettings() {}

    static Map<String, Object> of(RespecConfig config, EventLog events) {
        ScorerSection scorer = config.scorer();
        Map<String, Object> settings = DeadLetterHandler.settings(events, RewardScorerTopology.NAME);
        settings.putIfAbsent(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.putIfAbsent(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        settings.putIfAbsent(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, scorer.commitInterval().toMillis());
        settings.putIfAbsent(StreamsConfig.NUM_STREAM_THREADS_CONFIG, scorer.rewardThreads());
        settings.putIfAbsent(
                StreamsConfig.STATE_DIR_CONFIG, stateDirectory(config).toString());
        settings.putIfAbsent(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallRocksDb.class);
        settings.putIfAbsent(consumer(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.putIfAbsent(consumer(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), MOST_RECORDS_A_POLL);
        settings.putIfAbsent(consumer(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), FETCH_BYTES);
        settings.putIfAbsent(consumer(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), FETCH_WAIT_MILLIS);
        settings.putIfAbsent(consumer(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        settings.putIfAbsent(
                producer(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                Math.toIntExact(transactionTimeout(scorer.rewardTimeout()).toMillis()));
        settings.putIfAbsent(producer(ProducerConfig.LINGER_MS_CONFIG), 5);
        // The first batch of a transaction is refused while the one before is being completed; a second batch in flight
        // would then be out of order and refused as well.
        settings.putIfAbsent(producer(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION), 1);
        settings.putIfAbsent(producer(ProducerConfig.RETRY_BACKOFF_MS_CONFIG), 10);
        return settings;
    }

    static Path stateDirectory(RespecConfig config) {
        String configured = config.scorer().stateDir();
        return configured.isEmpty() ? config.run().dataDir().resolve("scorer") : Path.of(configured);
    }

    /**
     * Long enough for the calls that may hang before a function rests, so that a slow reward function does not get the
     * scorer fenced.
     */
    private static Duration transactionTimeout(Duration rewardTimeout) {
        Duration timeout =
                rewardTimeout.multipliedBy(2 * GuardedRewards.HANGS_BEFORE_REST).plusSeconds(30);
        return timeout.compareTo(LONGEST_TRANSACTION) > 0 ? LONGEST_TRANSACTION : timeout;
    }

    private static String consumer(String name) {
        return StreamsConfig.consumerPrefix(name);
    }

    private static String producer(String name) {
        return StreamsConfig.producerPrefix(name);
    }
}
