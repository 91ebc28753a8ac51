package dev.respec.scorer;

import dev.respec.scorer.reward.RewardFunctionException;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.SlowReward;
import dev.respec.stage.UnreachableException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Asks the services behind rewards whether they are there, before anything depends on them. Between two attempts it waits,
 * because a service may be starting at the same time.
 */
public final class RewardServices {
    private static final Duration LONGEST_ATTEMPT = Duration.ofSeconds(10);
    private static final Duration SHORTEST_ATTEMPT = Duration.ofSeconds(1);
    private static final long PAUSE_MILLISECONDS = 250;

    private RewardServices() {}

    /**
     * Returns when every service has answered, or when the caller is told to end.
     *
     * @param most how long to ask each; zero asks none
     * @param ended whether the caller is told to end
     * @param waiting told once of each service that does not answer at once
     * @throws UnreachableException if one has not answered by then
     * @throws RewardFunctionException if one refuses calls: its address, token or model is wrong
     */
    public static void requireAnswers(
            RewardFunctions functions, Duration most, BooleanSupplier ended, Consumer<String> waiting) {
        if (most.isZero()) {
            return;
        }
        for (String name : functions.names()) {
            if (functions.named(name).orElseThrow() instanceof SlowReward service) {
                requireAnswer(service, most, ended, waiting);
            }
        }
    }

    private static void requireAnswer(
            SlowReward service, Duration most, BooleanSupplier ended, Consumer<String> waiting) {
        long deadline = System.nanoTime() + most.toNanos();
        Optional<String> failure = failure(service, most);
        failure.ifPresent(waiting);
        while (failure.isPresent() && !ended.getAsBoolean()) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (left.isNegative() || !pause()) {
                throw new UnreachableException(
                        "%s; asked for %d ms: start the service, correct the address, or set reward.start-timeout (0s starts without asking)"
                                .formatted(failure.get(), most.toMillis()));
            }
            failure = failure(service, left);
        }
    }

    private static Optional<String> failure(SlowReward service, Duration left) {
        Duration most = left.compareTo(LONGEST_ATTEMPT) < 0 ? left : LONGEST_ATTEMPT;
        try {
            service.requireAnswer(most.compareTo(SHORTEST_ATTEMPT) < 0 ? SHORTEST_ATTEMPT : most);
            return Optional.empty();
        } catch (RewardUnavailableException e) {
            return Optional.of(GuardedRewards.line(String.valueOf(e.getMessage())));
        }
    }

    /** Returns false where the thread is interrupted. */
    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
