package dev.respec.topics;

import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Puts a new consumer where its mode says. */
final class StartingPoint {
    private StartingPoint() {}

    /** @throws ClusterUnreachableException if the topic does not exist */
    static void apply(KafkaConsumer<byte[], byte[]> kafka, String topic, ConsumerMode mode) {
        var partitions = kafka.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        if (partitions.isEmpty()) {
            throw new ClusterUnreachableException(
                    "topic " + topic + " does not exist: create it with 'respec topics apply'", null);
        }
        kafka.assign(partitions);
        if (mode instanceof ConsumerMode.FromEnd) {
            kafka.seekToEnd(partitions);
            partitions.forEach(kafka::position); // seeks lazily otherwise, and would miss what is written until then
            return;
        }
        kafka.seekToBeginning(partitions);
        if (mode instanceof ConsumerMode.FromTime from) {
            var wanted = partitions.stream()
                    .collect(Collectors.toMap(
                            partition -> partition, partition -> from.time().toEpochMilli()));
            kafka.offsetsForTimes(wanted).forEach((partition, found) -> {
                if (found == null) {
                    kafka.seekToEnd(List.of(partition));
                    kafka.position(partition);
                } else {
                    kafka.seek(partition, found.offset());
                }
            });
            return;
        }
        if (mode instanceof ConsumerMode.FromOffsets from) {
            from.offsetByPartition()
                    .forEach((partition, offset) -> kafka.seek(new TopicPartition(topic, partition), offset));
        }
    }
}
