package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecentLineTest {
    @Test
    void shouldFindTheSlopeOfExactPoints() {
        var line = new RecentLine();
        for (int i = 0; i < 200; i++) {
            int x = 10 + i % 7;
            line.add(x, 100 + 3 * x);
        }
        assertThat(line.surelyPerUnit()).isCloseTo(3, within(1e-6));
    }

    @Test
    void shouldKnowNothingWhenAllPointsAreAtOnePlace() {
        var line = new RecentLine();
        for (int i = 0; i < 200; i++) {
            line.add(8, 100 + i % 3);
        }
        assertThat(line.surelyPerUnit()).isZero();
    }

    @Test
    void shouldNotTakeNoiseForACost() {
        var random = new SplittableRandom(5);
        double sum = 0;
        for (int trial = 0; trial < 200; trial++) {
            var line = new RecentLine();
            for (int i = 0; i < 300; i++) {
                line.add(30 + random.nextInt(6), 1_000 + 200 * random.nextDouble());
            }
            sum += line.surelyPerUnit();
        }
        // the error of such a slope is 58 / (1.7 * sqrt(300)) = 2; half a row in a thousand is what is left of it
        assertThat(sum / 200).isLessThan(0.5);
    }

    @Test
    void shouldFollowAMachineThatBecameSlower() {
        var line = new RecentLine();
        for (int i = 0; i < 1_000; i++) {
            line.add(i % 9, 100 + i % 9);
        }
        for (int i = 0; i < 3_000; i++) {
            line.add(i % 9, 200 + 2 * (i % 9));
        }
        assertThat(line.surelyPerUnit()).isCloseTo(2, within(0.1));
    }
}
