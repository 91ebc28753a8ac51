package dev.respec.ops.exports.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** {@code golden.tfevents} was written by TensorBoard's own classes; {@code golden.py} beside it says how. */
class EventBytesTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void shouldWriteWhatTensorBoardsOwnWriterWrites() throws IOException {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        Instant later = START.plusSeconds(21);

        written.writeBytes(EventBytes.version(START));
        written.writeBytes(EventBytes.scalar("evaluation/sums/sampled/pass@1", 0, START, 0.0));
        written.writeBytes(EventBytes.scalar("train/loss", 3, START.plusMillis(20_500), -0.125));
        written.writeBytes(
                EventBytes.histogram("rollouts/response_length", 300, later, List.of(0.0, 1.0, 1.0, 2.0, 15.0, 30.0)));
        written.writeBytes(EventBytes.text("rollouts/samples", 300, later, "**answer**: 7 é"));

        assertThat(written.toByteArray()).isEqualTo(golden());
    }

    private static byte[] golden() throws IOException {
        try (InputStream in = Objects.requireNonNull(EventBytesTest.class.getResourceAsStream("golden.tfevents"))) {
            return in.readAllBytes();
        }
    }
}
