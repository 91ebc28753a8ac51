package dev.respec.artefacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PatientArtefactStoreTest {
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final EventLog events = new EventLog(RespecConfig.defaults().cluster(), "test");
    private final StageContext context = new StageContext(RespecConfig.defaults(), events, metrics);

    @AfterEach
    void close() {
        events.close();
    }

    @Test
    void shouldWriteOnceThereIsRoomAgain() {
        var disk = new FullDisk(3);
        var store = new PatientArtefactStore(disk, context, Duration.ofMillis(1));

        assertThat(store.put("policy/run/000001", Path.of("weights")).uri()).isEqualTo("file:/policy/run/000001");

        assertThat(disk.attempts).isEqualTo(4);
        assertThat(metrics.counter("respec.artefacts.retries").count()).isEqualTo(3);
    }

    @Test
    void shouldGiveUpWhenTheStageShallEnd() {
        context.stop();
        var disk = new FullDisk(Integer.MAX_VALUE);

        assertThatThrownBy(() -> new PatientArtefactStore(disk, context).put("policy/run/000001", Path.of("weights")))
                .isInstanceOf(ArtefactException.class)
                .hasMessageContaining("No space left on device");
        assertThat(disk.attempts).isEqualTo(1);
    }

    @Test
    void shouldNotWaitForWhatWillNeverBeAllowed() {
        var store = new PatientArtefactStore(new FileArtefactStore(Path.of("target")), context);

        assertThatThrownBy(() -> store.put("../outside", Path.of("src"))).isInstanceOf(BadInputException.class);
    }

    /** Has no room for a number of attempts. */
    private static final class FullDisk implements ArtefactStore {
        private final int failures;
        private int attempts;

        FullDisk(int failures) {
            this.failures = failures;
        }

        @Override
        public StoredArtefact put(String name, Path directory) {
            if (attempts++ < failures) {
                var full = new IOException("No space left on device");
                throw new ArtefactException("artefact %s: cannot be written (%s)".formatted(name, full), full);
            }
            return new StoredArtefact("file:/" + name, List.of());
        }

        @Override
        public Path fetch(WeightUpdate update, Path cacheDirectory) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void delete(String name) {}
    }
}
