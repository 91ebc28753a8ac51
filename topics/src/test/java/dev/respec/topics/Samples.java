package dev.respec.topics;

import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.RandomData;

/** Records to send. */
final class Samples {
    static {
        TrustedEvents.trust();
    }

    private Samples() {}

    static WorkerStatus status(String workerId) {
        return WorkerStatus.newBuilder()
                .setRunId("run")
                .setWorkerId(workerId)
                .setState(WorkerState.READY)
                .setPolicyVersion(3)
                .setDrafterVersion(1)
                .setActiveSequences(8)
                .setWaitingSequences(0)
                .setSetting(new SpeculationSetting("off", 0, 1, 0))
                .setSettingsVersion(2)
                .setTokensPerSecond(1234.5)
                .setEmittedTokens(99)
                .setHeartbeatAt(Instant.ofEpochMilli(1_700_000_000_000L))
                .build();
    }

    /** Random records of the topic's schema, through Avro's own generic writer. */
    static <V extends SpecificRecord> List<V> random(Topic<V> topic, int count, long seed) {
        var model = SpecificData.getForClass(topic.valueType());
        var schema = model.getSchema(topic.valueType());
        var records = new ArrayList<V>();
        try {
            for (Object generic : new RandomData(schema, count, seed)) {
                var bytes = new ByteArrayOutputStream();
                var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
                new GenericDatumWriter<>(schema).write(generic, encoder);
                encoder.flush();
                var decoder = DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null);
                records.add(new SpecificDatumReader<V>(schema, schema, model).read(null, decoder));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return records;
    }
}
