package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class GroupStateTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void shouldTellWhatArrivedWaitsAndFailed() {
        var group = GroupState.opened(4, AT).with(0).withWaiting(1, 17).withWaiting(2, 18);
        assertThat(group.settled()).isFalse();
        assertThat(group.waiting()).isEqualTo(Map.of(1, 17L, 2, 18L));
        assertThat(group.has(2)).isTrue();

        var settled = group.with(1).withFailed(2).with(3);
        assertThat(settled.settled()).isTrue();
        assertThat(settled.complete()).isFalse();
        assertThat(settled.missing()).containsExactly(2);
        assertThat(settled.samples()).containsExactly(0, 1, 2, 3);
        assertThat(settled.isFailed(2)).isTrue();
        assertThat(GroupState.opened(1, AT).withWaiting(0, 5).with(0).complete())
                .isTrue();
    }

    @Test
    void shouldBeReadAsItWasWritten() {
        var group = GroupState.opened(70, AT)
                .with(69)
                .withWaiting(1, Long.MAX_VALUE)
                .withWaiting(3, 0)
                .withFailed(5);

        var read = GroupState.decode(group.encode());

        assertThat(read.encode()).isEqualTo(group.encode());
        assertThat(read.groupSize()).isEqualTo(70);
        assertThat(read.at()).isEqualTo(AT);
        assertThat(read.waiting()).isEqualTo(Map.of(1, Long.MAX_VALUE, 3, 0L));
        assertThat(read.samples()).containsExactly(1, 3, 5, 69);
        assertThat(read.missing()).hasSize(67).contains(5).doesNotContain(69);
    }

    /** As scorers wrote it that knew no waiting: version, group size, time, bits. */
    @Test
    void shouldReadTheVersionBefore() {
        byte[] bytes = ByteBuffer.allocate(14)
                .put((byte) 1)
                .putInt(4)
                .putLong(AT.toEpochMilli())
                .put((byte) 0b0101)
                .array();

        var read = GroupState.decode(bytes);

        assertThat(read.samples()).containsExactly(0, 2);
        assertThat(read.missing()).containsExactly(1, 3);
        assertThat(read.waiting()).isEmpty();
    }

    @Test
    void shouldRefuseAVersionToCome() {
        assertThatThrownBy(() -> GroupState.decode(new byte[] {3, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0}))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("version 2");
    }
}
