package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TeamTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void shouldDoEveryPartOnceAlsoAfterHelpersFellAsleep(int size) throws InterruptedException {
        Team team = Team.of(size);
        {
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
        Team team = Team.of(size);
        {
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

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void shouldShareARangeWithoutGapOrOverlap(int size) {
        for (int count = 1; count < 40; count++) {
            var done = new AtomicIntegerArray(count);
            Team.of(size).share(count, (from, to) -> IntStream.range(from, to).forEach(done::incrementAndGet));
            assertThat(IntStream.range(0, count).map(done::get)).containsOnly(1);
        }
    }
}
