package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void shouldDoEveryPartOnceAlsoAfterHelpersFellAsleep(int size) throws InterruptedException {
        try (Team team = new Team(size)) {
            for (int round = 0; round < 2000; round++) {
                int parts = 1 + round % 9;
                var done = new AtomicIntegerArray(parts);
                team.run(parts, done::incrementAndGet);
                assertThat(IntStream.range(0, parts).map(done::get)).containsOnly(1);
                if (round % 500 == 0) {
                    Thread.sleep(5);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void shouldThrowWhatAPartThrewAndGoOn(int size) {
        try (Team team = new Team(size)) {
            assertThatThrownBy(() -> team.run(8, part -> {
                        if (part == 5) {
                            throw new IllegalStateException("part five");
                        }
                    }))
                    .hasMessage("part five");
            var done = new AtomicIntegerArray(8);
            team.run(8, done::incrementAndGet);
            assertThat(IntStream.range(0, 8).map(done::get)).containsOnly(1);
        }
    }

    @Test
    void shouldEndItsThreads() throws InterruptedException {
        Team team = new Team(2);
        team.run(4, part -> {});
        team.close();
        long until = System.nanoTime() + 5_000_000_000L;
        while (helpers() > 0 && System.nanoTime() < until) {
            Thread.sleep(5);
        }
        assertThat(helpers()).isZero();
    }

    private static long helpers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("decoding-helper"))
                .count();
    }
}
