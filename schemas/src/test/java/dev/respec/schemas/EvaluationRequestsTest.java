package dev.respec.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationRequestsTest {
    static {
        TrustedEvents.trust();
    }

    @Test
    void shouldReadTheIdsItWrites() {
        var id = new EvaluationRequestId("a/b", 12, "gsm8k.test", EvaluationMode.SAMPLED, 7, 1);

        assertThat(id.text()).isEqualTo("a/b/evaluation/12/gsm8k.test/sampled/7/1");
        assertThat(EvaluationRequestId.parse(id.text())).contains(id);
        assertThat(id.again().text()).endsWith("/sampled/7/2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run/3", "run/evaluation/3", "run/evaluation/1/x/greedy/2", "run/evaluation/1/x/best/2/0"})
    void shouldNotTakeOtherRequestsForEvaluations(String id) {
        assertThat(EvaluationRequestId.isIn(id)).isFalse();
    }

    @Test
    void shouldRefuseADataSetWhoseNameWouldNotBeFoundInTheId() {
        assertThatThrownBy(() -> new EvaluationRequestId("run", 1, "a/b", EvaluationMode.GREEDY, 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a/b");
    }

    @Test
    void shouldLetReadersOfTheFirstSchemaReadTheNewOne() throws IOException {
        var first = published("RolloutRequest.1.avsc");
        var bytes = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new SpecificDatumWriter<RolloutRequest>(RolloutRequest.getClassSchema()).write(evaluation(), encoder);
        encoder.flush();

        GenericRecord read = new GenericDatumReader<GenericRecord>(RolloutRequest.getClassSchema(), first)
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));

        assertThat(read.get("requestId")).hasToString("run/evaluation/1/x/greedy/0/0");
        assertThat(read.getSchema().getField("purpose")).isNull();
    }

    @Test
    void shouldReadWhatWritersOfTheFirstSchemaWrote() throws IOException {
        var first = published("RolloutRequest.1.avsc");
        var old = new GenericDatumReader<GenericRecord>(RolloutRequest.getClassSchema(), first);
        var current = new ByteArrayOutputStream();
        var encoder = EncoderFactory.get().binaryEncoder(current, null);
        new SpecificDatumWriter<RolloutRequest>(RolloutRequest.getClassSchema()).write(evaluation(), encoder);
        encoder.flush();
        var record = old.read(null, DecoderFactory.get().binaryDecoder(current.toByteArray(), null));
        var bytes = new ByteArrayOutputStream();
        var again = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(first).write(record, again);
        again.flush();

        var read = new SpecificDatumReader<RolloutRequest>(first, RolloutRequest.getClassSchema())
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));

        assertThat(read.getPurpose()).isEqualTo(RolloutPurpose.TRAINING);
        assertThat(read.getPrompt()).isEqualTo("1+1=");
    }

    private static Schema published(String name) throws IOException {
        try (var text = EvaluationRequestsTest.class.getResourceAsStream("/published/" + name)) {
            return new Schema.Parser().parse(text);
        }
    }

    private static RolloutRequest evaluation() {
        return RolloutRequest.newBuilder()
                .setRunId("run")
                .setRequestId("run/evaluation/1/x/greedy/0/0")
                .setRequestIndex(0)
                .setPromptId("p")
                .setPrompt("1+1=")
                .setGroupSize(1)
                .setSampling(new SamplingParameters(0.0, 1.0, 0, 8))
                .setSeed(1)
                .setTask("arithmetic")
                .setAnswer("2")
                .setMetadata(Map.of())
                .setAdmittedAtVersion(1)
                .setAdmittedAt(Instant.EPOCH)
                .setPurpose(RolloutPurpose.EVALUATION)
                .build();
    }
}
