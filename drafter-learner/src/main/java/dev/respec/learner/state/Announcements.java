package dev.respec.learner.state;

import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightUpdate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The events of a round, kept with its checkpoint until the next: after a crash they are sent if the topics lack them.
 *
 * @param trainingStep Avro single-object encoding, base64
 * @param weightUpdate likewise; null if the round published nothing
 */
public record Announcements(String trainingStep, @Nullable String weightUpdate) {
    static {
        TrustedEvents.trust();
    }

    public static Announcements of(TrainingStep step, @Nullable WeightUpdate update) {
        try {
            return new Announcements(text(step.toByteBuffer()), update == null ? null : text(update.toByteBuffer()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public TrainingStep step() {
        try {
            return TrainingStep.fromByteBuffer(bytes(trainingStep));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Optional<WeightUpdate> update() {
        try {
            return weightUpdate == null
                    ? Optional.empty()
                    : Optional.of(WeightUpdate.fromByteBuffer(bytes(weightUpdate)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(ByteBuffer bytes) {
        var copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return Base64.getEncoder().encodeToString(copy);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(Base64.getDecoder().decode(text));
    }
}
