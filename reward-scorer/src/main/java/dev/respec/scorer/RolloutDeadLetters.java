package dev.respec.scorer;

import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.Rollout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends rollouts that cannot be used to the dead letters, whole. */
final class RolloutDeadLetters {
    private static final Logger log = LoggerFactory.getLogger(RolloutDeadLetters.class);

    private final ProcessorContext<String, SpecificRecord> context;
    private final Serializer<Rollout> serializer;
    private final String topicName;

    /** @param topicName of the rollouts */
    RolloutDeadLetters(
            ProcessorContext<String, SpecificRecord> context, Serializer<Rollout> serializer, String topicName) {
        this.context = context;
        this.serializer = serializer;
        this.topicName = topicName;
    }

    /** The record being processed. */
    void forward(Record<String, Rollout> record, String reason) {
        var origin = context.recordMetadata().orElseThrow();
        forward(record.key(), record.value(), origin.offset(), reason);
    }

    /** A record of this task's partition. */
    void forward(@Nullable String key, @Nullable Rollout rollout, long offset, String reason) {
        int partition = context.taskId().partition();
        log.atWarn()
                .addKeyValue("topicName", topicName)
                .addKeyValue("partition", partition)
                .addKeyValue("offset", offset)
                .addKeyValue("reason", reason)
                .log("Record goes to the dead letters");
        var letter = DeadLetter.newBuilder()
                .setStage(RewardScorerTopology.NAME)
                .setOriginTopic(topicName)
                .setOriginPartition(partition)
                .setOriginOffset(offset)
                .setOriginKey(key == null ? null : ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)))
                .setOriginValue(rollout == null ? null : ByteBuffer.wrap(serializer.serialize(topicName, rollout)))
                .setReason(reason)
                .setFailedAt(Instant.ofEpochMilli(context.currentSystemTimeMs()))
                .build();
        context.forward(
                new Record<>(key == null ? "" : key, letter, context.currentSystemTimeMs()),
                RewardScorerTopology.DEAD_LETTERS);
    }
}
