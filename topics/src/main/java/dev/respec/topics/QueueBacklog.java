package dev.respec.topics;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How much of a queue nobody has taken yet: records that its group has neither accepted nor rejected. What the lag of a
 * consumer group is for a queue. Any thread.
 */
public final class QueueBacklog implements AutoCloseable {
    private final Admin admin;
    private final String topic;
    private final String group;

    QueueBacklog(Admin admin, String topic, String group) {
        this.admin = admin;
        this.topic = topic;
        this.group = group;
    }

    /** Records that wait; empty if the cluster does not say within the timeout. */
    public OptionalLong records(Duration timeout) {
        try {
            var specification = Map.of(group, new ListShareGroupOffsetsSpec());
            var offsets = admin.listShareGroupOffsets(specification)
                    .partitionsToOffsetInfo(group)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            var ends = admin.listOffsets(partitions(timeout).stream()
                            .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest())))
                    .all()
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            long waiting = 0;
            for (var end : ends.entrySet()) {
                waiting += waiting(offsets.get(end.getKey()), end.getValue().offset());
            }
            return OptionalLong.of(waiting);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        } catch (ExecutionException | TimeoutException e) {
            return OptionalLong.empty(); // a number for people and scalers: they see that it is missing
        }
    }

    /** Without a start the group has taken nothing yet: all there is waits. */
    private static long waiting(@Nullable SharePartitionOffsetInfo info, long end) {
        if (info == null || info.startOffset() < 0) {
            return end;
        }
        return info.lag().filter(lag -> lag >= 0).orElse(Math.max(0, end - info.startOffset()));
    }

    private List<TopicPartition> partitions(Duration timeout)
            throws InterruptedException, ExecutionException, TimeoutException {
        var described =
                admin.describeTopics(List.of(topic)).allTopicNames().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        return described.values().stream()
                .flatMap(description -> description.partitions().stream())
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
