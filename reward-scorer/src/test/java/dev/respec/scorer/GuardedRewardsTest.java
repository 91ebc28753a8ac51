package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.FinishReason;
import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunction;
import dev.respec.scorer.reward.ScoringInput;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GuardedRewardsTest {
    private static final ScoringInput INPUT = new ScoringInput("1+1=", "2", "2", FinishReason.STOP, Map.of());

    private final MovableClock clock = new MovableClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final GuardedRewards rewards = new GuardedRewards(Duration.ofMillis(50), clock);

    /** For functions that return: a busy machine must not make them late. */
    private final GuardedRewards patient = new GuardedRewards(Duration.ofSeconds(20), clock);

    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        rewards.close();
        patient.close();
    }

    private RewardFunction hanging() {
        return Functions.named("hanging", input -> {
            Functions.hangUntil(release);
            return Reward.of(1);
        });
    }

    @Test
    void shouldPassOnWhatTheFunctionGives() {
        var outcome = patient.score(Functions.named("half", input -> new Reward(0.5, Map.of("style", 0.5))), INPUT);

        assertThat(outcome.reward()).isEqualTo(new Reward(0.5, Map.of("style", 0.5)));
        assertThat(outcome.error()).isNull();
    }

    @Test
    void shouldTurnWhatItThrowsIntoZeroAndALine() {
        var outcome = patient.score(
                Functions.named("broken", input -> {
                    throw new IllegalStateException("no\nluck");
                }),
                INPUT);

        assertThat(outcome.reward().value()).isZero();
        assertThat(outcome.error()).isEqualTo("reward function 'broken' threw IllegalStateException: no luck");
    }

    @Test
    void shouldSurviveErrors() {
        var overflow = patient.score(Functions.named("deep", GuardedRewardsTest::recurse), INPUT);
        var notFinite = patient.score(Functions.named("nan", input -> Reward.of(Double.NaN)), INPUT);

        assertThat(overflow.error()).contains("StackOverflowError");
        assertThat(notFinite.error()).contains("expected a finite number");
    }

    @SuppressWarnings("InfiniteRecursion") // the overflow is the point
    private static Reward recurse(ScoringInput input) {
        return Reward.of(recurse(input).value() + 1);
    }

    @Test
    void shouldInterruptAFunctionThatWaits() throws InterruptedException {
        var interrupted = new CountDownLatch(1);
        var outcome = rewards.score(
                Functions.named("slow", input -> {
                    try {
                        release.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return Reward.of(1);
                }),
                INPUT);

        assertThat(outcome.error()).contains("'slow'").contains("50 ms").contains("scorer.reward-timeout");
        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void shouldGoOnBesideAThreadThatHangs() {
        try (var oneSecond = new GuardedRewards(Duration.ofSeconds(1), clock)) {
            assertThat(oneSecond.score(hanging(), INPUT).error()).contains("gave no reward");

            var next = oneSecond.score(Functions.named("one", input -> Reward.of(1)), INPUT);
            assertThat(next.reward().value()).isEqualTo(1);
        }
    }

    @Test
    void shouldRestAfterHangingOftenAndThenTryAgain() {
        for (int i = 0; i < GuardedRewards.HANGS_BEFORE_REST; i++) {
            assertThat(rewards.score(hanging(), INPUT).error()).contains("gave no reward");
        }

        assertThat(rewards.score(hanging(), INPUT).error()).contains("rests until");

        clock.advance(GuardedRewards.REST.plusSeconds(1));
        assertThat(rewards.score(hanging(), INPUT).error()).contains("gave no reward");
    }

    @Test
    void shouldNotRestForHangsFarApart() {
        for (int i = 0; i < 2 * GuardedRewards.HANGS_BEFORE_REST; i++) {
            assertThat(rewards.score(hanging(), INPUT).error()).contains("gave no reward");
            clock.advance(GuardedRewards.REST.plusSeconds(1));
        }
    }

    @Test
    void shouldBoundTheThreadsThatHang() {
        // On a busy machine a call may be given up before its thread has begun, and then does not hang.
        String error = "";
        for (int i = 0; i < 20 * GuardedRewards.MOST_HANGING && !error.contains("still hang"); i++) {
            error = String.valueOf(rewards.score(hanging(), INPUT).error());
            clock.advance(GuardedRewards.REST.plusSeconds(1));
        }

        assertThat(error).contains("16 earlier calls still hang");
    }

    @Test
    void shouldNameAFunctionThatReturnsNothing() {
        @SuppressWarnings("NullAway") // what a user's class may do
        var outcome = patient.score(Functions.named("empty", input -> null), INPUT);

        assertThat(outcome.error()).contains("it returned null");
    }

    @Test
    void shouldKeepTheInterruptOfItsCaller() throws InterruptedException {
        var kept = new AtomicBoolean();
        var caller = new Thread(() -> {
            try {
                rewards.score(hanging(), INPUT);
            } catch (IllegalStateException e) {
                kept.set(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        caller.interrupt();
        caller.join(10_000);

        assertThat(kept).isTrue();
    }
}
