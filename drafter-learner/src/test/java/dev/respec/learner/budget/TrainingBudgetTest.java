package dev.respec.learner.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.learner.budget.TrainingBudget.Decision;
import dev.respec.learner.budget.TrainingBudget.Reason;
import dev.respec.speculation.Setting;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingBudgetTest {
    private static final BudgetSettings SETTINGS =
            new BudgetSettings(true, Duration.ofSeconds(30), Duration.ofMinutes(3), 0.02, 0, 1);
    private static final Setting CHAIN = Setting.chain("eagle3", 4);
    private static final long SECOND = 1000;

    /** A drafter whose acceptance rate moves by so much a second, without training and by training on everything. */
    private static final class World {
        private final TrainingBudget budget = new TrainingBudget(SETTINGS, 0);
        private double rate;
        private final double best;
        private double lostPerSecond;
        private final double gainedPerSecond;
        private long second;
        private double trained;
        private double lowest = Double.MAX_VALUE;
        private Decision last = new Decision(1, Reason.STARTING, 0, 0);

        World(double rate, double best, double gainedPerSecond) {
            this.rate = rate;
            this.best = best;
            this.gainedPerSecond = gainedPerSecond;
        }

        /** Decides every ten seconds, as the learner does with its interval. */
        World run(int seconds) {
            for (int i = 0; i < seconds; i++) {
                second++;
                rate = Math.max(0.05, rate - lostPerSecond);
                rate = Math.max(rate, Math.min(best, rate + last.share() * gainedPerSecond));
                trained += last.share();
                lowest = Math.min(lowest, rate);
                budget.observe(Served.interval(0, second * SECOND, Served.statistics(CHAIN, rate, 4000)));
                if (second % 10 == 0) {
                    last = budget.decide(second * SECOND);
                }
            }
            return this;
        }
    }

    @Test
    void shouldRestOnceTheDrafterHasLearnedWhatItCan() {
        var world = new World(0.5, 0.7, 0.002).run(1800);

        assertThat(world.last.isRest()).isTrue();
        assertThat(world.last.reason()).isEqualTo(Reason.HOLDING);
        assertThat(world.rate).isEqualTo(0.7);
        assertThat(world.trained / 1800).as("share of the time").isLessThan(0.5);
    }

    @Test
    void shouldNotRestWhileTrainingPays() {
        var world = new World(0.3, 0.9, 0.001);
        for (int i = 0; i < 9; i++) {
            world.run(60);
            assertThat(world.last.share()).as("rate " + world.rate).isEqualTo(1);
        }
    }

    @Test
    void shouldTrainAgainSoonAfterThePolicyMovesAway() {
        var world = new World(0.7, 0.7, 0.002).run(900);
        assertThat(world.last.isRest()).isTrue();

        world.lostPerSecond = 0.001;
        int waited = 0;
        while (world.last.isRest() && waited < 600) {
            world.run(10);
            waited += 10;
        }

        assertThat(world.last.reason()).isEqualTo(Reason.FALLING);
        assertThat(world.last.share()).isEqualTo(1);
        // 2 % of the length of 2.77 at a rate of 0.7 are 0.010 of the rate, ten seconds; the average lags thirty behind
        assertThat(waited).isLessThanOrEqualTo(60);
    }

    /** A hundredth of the length in ten minutes shows in no comparison of two averages, only against the level held. */
    @Test
    void shouldHoldItsLevelAgainstADeclineTooSlowForItsAverages() {
        var world = new World(0.7, 0.7, 0.002).run(900);
        assertThat(world.last.isRest()).isTrue();

        world.lostPerSecond = 0.7 * 0.006 / 600;
        world.lowest = 1;
        world.run(6 * 3600);

        assertThat(Served.length(world.lowest)).isGreaterThan(0.97 * Served.length(0.7));
        assertThat(world.trained / world.second).as("share of the time").isLessThan(0.2);
    }

    /**
     * 300 training steps of a policy that moves unevenly. A frozen drafter would fall from 3.4 to 1.9 tokens per verify step
     * within so many of them. What training gains is served after the round that publishes it, and workers go on serving
     * the version before for a while.
     */
    @ParameterizedTest
    @CsvSource({"2.6, 300", "2.6, 1000", "10, 100", "10, 300", "60, 100", "60, 300"})
    void shouldHoldNineteenTwentiethsOfTheFirstAcceptanceOverThreeHundredSteps(double stepSeconds, int stepsOfFall) {
        for (double gain : new double[] {2, 4, 8}) {
            for (long seed = 1; seed <= 4; seed++) {
                double fall = (0.806 - 0.49) / (stepsOfFall * stepSeconds);
                var run = new LongRun(fall, gain * fall, seed).run((int) (300 * stepSeconds));

                String which = "gain " + gain + ", seed " + seed;
                assertThat(run.lowest).as(which).isGreaterThan(0.95 * Served.length(0.806));
                assertThat(run.trained / (300 * stepSeconds)).as(which).isLessThan(0.85);
            }
        }
    }

    /** What is served of a drafter, what its learner has of it, and the version that tells them apart. */
    private static final class LongRun {
        private static final double FIRST = 0.806;
        private static final int ROUND_SECONDS = 10;
        private static final int ADOPTION_SECONDS = 3;

        private final TrainingBudget budget = new TrainingBudget(SETTINGS, 0);
        private final double fallPerSecond;
        private final double gainedPerSecond;
        private final Random random;
        private double served = FIRST;
        private double before = FIRST;
        private double learned = FIRST;
        private long version;
        private int publishedAt = -ROUND_SECONDS;
        private double share = 1;
        private double trained;
        private double lowest = Double.MAX_VALUE;

        LongRun(double fallPerSecond, double gainedPerSecond, long seed) {
            this.fallPerSecond = fallPerSecond;
            this.gainedPerSecond = gainedPerSecond;
            this.random = new Random(seed);
        }

        LongRun run(int seconds) {
            for (int second = 1; second <= seconds; second++) {
                double fall = 2 * random.nextDouble() * fallPerSecond;
                served -= fall;
                before -= fall;
                learned = Math.min(FIRST, learned - fall + share * gainedPerSecond);
                trained += share;
                boolean adopted = second - publishedAt > ADOPTION_SECONDS;
                double atWorkers = adopted ? served : before;
                lowest = Math.min(lowest, Served.length(atWorkers));
                budget.observe(Served.interval(
                        adopted ? version : version - 1, second * SECOND, Served.statistics(CHAIN, atWorkers, 4000)));
                if (second % ROUND_SECONDS == 0) {
                    endOfRound(second);
                }
            }
            return this;
        }

        private void endOfRound(int second) {
            if (share > 0 && learned >= served) {
                before = served;
                served = learned;
                publishedAt = second;
                budget.published(++version);
            } else {
                learned = served;
            }
            share = budget.decide(second * SECOND).share();
        }
    }

    @Test
    void shouldAcceptALevelThatTrainingCannotRegain() {
        var world = new World(0.7, 0.6, 0).run(900);
        world.rate = 0.6;
        world.run(120);
        assertThat(world.last.reason()).isEqualTo(Reason.FALLING);

        world.run(1200);

        assertThat(world.last.isRest()).isTrue();
    }

    @Test
    void shouldCountOnlyWhatIsServedWithTheVersionInForce() {
        var budget = new TrainingBudget(SETTINGS, 3);
        for (int second = 1; second <= 600; second++) {
            budget.observe(Served.interval(2, second * SECOND, Served.statistics(CHAIN, 0.2, 4000)));
        }
        assertThat(budget.decide(600 * SECOND).reason()).isEqualTo(Reason.NO_FEEDBACK);

        for (int second = 601; second <= 900; second++) {
            budget.observe(Served.interval(3, second * SECOND, Served.statistics(CHAIN, 0.7, 4000)));
        }
        var before = budget.decide(900 * SECOND);
        budget.published(4);
        for (int second = 901; second <= 930; second++) {
            budget.observe(Served.interval(3, second * SECOND, Served.statistics(CHAIN, 0.1, 4000)));
        }
        var after = budget.decide(930 * SECOND);

        assertThat(before.reason()).isEqualTo(Reason.HOLDING);
        assertThat(after.fast()).isEqualTo(before.fast());
        budget.observe(Served.interval(4, 931 * SECOND, Served.statistics(CHAIN, 0.1, 400_000)));
        assertThat(budget.decide(931 * SECOND).reason()).isEqualTo(Reason.FALLING);
    }

    @Test
    void shouldTrainOnEverythingWithoutFeedbackOrWithoutABudget() {
        var budget = new TrainingBudget(SETTINGS, 0);
        for (int second = 1; second <= 3600; second++) {
            budget.observe(Served.interval(
                    0,
                    second * SECOND,
                    Served.statistics(Setting.OFF, 0, 4000),
                    Served.statistics(Setting.chain("suffix", 4), 0.1, 4000)));
        }
        assertThat(budget.decide(3600 * SECOND).share()).isEqualTo(1);
        assertThat(budget.decide(3600 * SECOND).reason()).isEqualTo(Reason.NO_FEEDBACK);

        assertThat(new TrainingBudget(BudgetSettings.ALWAYS, 0).decide(1).share())
                .isEqualTo(1);
    }

    @Test
    void shouldKeepTheShareWithinItsBounds() {
        var bounded = new BudgetSettings(true, Duration.ofSeconds(30), Duration.ofMinutes(3), 0.02, 0.3, 0.6);
        var budget = new TrainingBudget(bounded, 0);
        double lowest = 1;
        double highest = 0;
        for (int second = 1; second <= 1200; second++) {
            budget.observe(Served.interval(0, second * SECOND, Served.statistics(CHAIN, 0.7, 4000)));
            if (second % 10 == 0) {
                double share = budget.decide(second * SECOND).share();
                lowest = Math.min(lowest, share);
                highest = Math.max(highest, share);
            }
        }
        assertThat(lowest).isEqualTo(0.3);
        assertThat(highest).isEqualTo(0.6);
    }
}
