package dev.respec.topics;

import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.Metric;
import org.jspecify.annotations.Nullable;

/**
 * Whether a share consumer takes part in its group, as its own metrics say: it has been assigned partitions once, and its
 * heartbeats leave in time. Owned by the consumer's thread.
 */
final class GroupMembership {
    private static final String METRICS = "consumer-share-coordinator-metrics";

    /** Longer than the interval of heartbeats that brokers ask for by default. */
    private static final double OVERDUE_SECONDS = 6;

    private final ShareConsumer<?, ?> consumer;
    private @Nullable Metric assignments;
    private @Nullable Metric sinceHeartbeat;

    GroupMembership(ShareConsumer<?, ?> consumer) {
        this.consumer = consumer;
    }

    boolean established() {
        if (assignments == null || sinceHeartbeat == null) {
            assignments = metric("rebalance-total");
            sinceHeartbeat = metric("last-heartbeat-seconds-ago");
        }
        return value(assignments) > 0 && value(sinceHeartbeat) < OVERDUE_SECONDS;
    }

    private @Nullable Metric metric(String name) {
        return consumer.metrics().values().stream()
                .filter(metric -> metric.metricName().name().equals(name)
                        && metric.metricName().group().equals(METRICS))
                .findFirst()
                .orElse(null);
    }

    private static double value(@Nullable Metric metric) {
        return metric != null && metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
    }
}
