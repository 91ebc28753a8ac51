package dev.respec.streams;

import dev.respec.schemas.UndecodableRecordException;
import dev.respec.topics.DeadLetters;
import dev.respec.topics.EventLog;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.DeserializationExceptionHandler;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * In Kafka Streams: sends what will never decode to the dead letters and goes on. Where the registry does not answer,
 * the application fails instead: the record may be good.
 */
public final class DeadLetterHandler implements DeserializationExceptionHandler {
    private static final String DEAD_LETTERS = "respec.dead.letters";

    private @Nullable DeadLetters deadLetters;

    /** Settings of a Kafka Streams application with this handler: the cluster, its security, its client ids. */
    public static Map<String, Object> settings(EventLog events, String applicationId) {
        var settings = new HashMap<>(events.streamsProperties(applicationId));
        settings.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetterHandler.class.getName());
        settings.put(DEAD_LETTERS, events.deadLetters());
        return settings;
    }

    @Override
    public void configure(Map<String, ?> configuration) {
        deadLetters = (DeadLetters) configuration.get(DEAD_LETTERS);
    }

    @Override
    public Response handleError(
            ErrorHandlerContext context, ConsumerRecord<byte[], byte[]> consumed, Exception exception) {
        if (deadLetters == null || !(exception instanceof UndecodableRecordException error)) {
            return Response.fail();
        }
        deadLetters.undecodable(consumed, error);
        return Response.resume(List.of());
    }
}
