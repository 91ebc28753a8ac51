package dev.respec.topics;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** Where the partitions of a {@link RecordedLog} begin and end. */
record RecordedRange(Consumer<byte[], byte[]> consumer, LogRange range) {

    void place(List<RecordedLog.Source<?>> sources) {
        var partitions = sources.stream().map(RecordedLog.Source::partition).toList();
        consumer.assign(partitions);
        var first = consumer.beginningOffsets(partitions);
        var last = consumer.endOffsets(partitions);
        var timed = timed(partitions);
        for (var source : sources) {
            var partition = source.partition();
            long end = last.getOrDefault(partition, 0L);
            long start = first.getOrDefault(partition, 0L);
            if (range.since() != null) {
                var at = timed.get(partition); // null if all records are older
                start = at == null ? end : at.offset();
            }
            if (range.fromOffset() != null) {
                start = Math.max(start, range.fromOffset());
            }
            start = Math.max(start, range.fromOffsets().getOrDefault(partition.partition(), 0L));
            if (range.toOffset() != null) {
                end = Math.min(end, range.toOffset());
            }
            start = Math.min(start, last.getOrDefault(partition, 0L));
            source.place(start, end);
            consumer.seek(partition, start);
        }
    }

    private Map<TopicPartition, OffsetAndTimestamp> timed(List<TopicPartition> partitions) {
        var since = range.since();
        if (since == null) {
            return Map.of();
        }
        long milliseconds = since.toEpochMilli();
        return consumer.offsetsForTimes(
                partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> milliseconds)));
    }
}
