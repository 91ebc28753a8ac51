package dev.respec.scorer;

import dev.respec.schemas.Rollout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * Pending rewards of one task's rollouts, in order of arrival. Holds the rollouts of {@value #MOST_STARTED} calls and
 * only the names of the others, which are in the state store. Owned by the task's thread.
 */
final class WaitingRewards {
    static final int MOST_STARTED = 64;

    /** A sample of a request. */
    record Sample(String requestId, int index) {}

    /** A sample and what became of its reward. */
    record Finished(Sample sample, RewardOutcome outcome) {}

    private final BiFunction<String, Integer, Rollout> rollouts;
    private final RewardScorer scorer;
    private final AtomicInteger count;
    private final Deque<Sample> queue = new ArrayDeque<>();
    private final Map<Sample, CompletableFuture<RewardOutcome>> started = new HashMap<>();

    /**
     * Nothing waits yet.
     *
     * @param rollouts by request and sample
     * @param count of what waits in all tasks
     */
    WaitingRewards(BiFunction<String, Integer, Rollout> rollouts, RewardScorer scorer, AtomicInteger count) {
        this.rollouts = rollouts;
        this.scorer = scorer;
        this.count = count;
    }

    void add(String requestId, int index) {
        queue.add(new Sample(requestId, index));
        count.incrementAndGet();
        start();
    }

    private void start() {
        while (started.size() < MOST_STARTED && !queue.isEmpty()) {
            Sample sample = queue.remove();
            started.put(sample, scorer.begin(rollouts.apply(sample.requestId(), sample.index())));
        }
    }

    /** Takes out what has its outcome, and begins as much of what waits. */
    List<Finished> finished() {
        var finished = new ArrayList<Finished>();
        started.entrySet().removeIf(entry -> {
            if (!entry.getValue().isDone()) {
                return false;
            }
            finished.add(new Finished(entry.getKey(), entry.getValue().join()));
            return true;
        });
        count.addAndGet(-finished.size());
        start();
        return finished;
    }

    /** The task is closed or goes elsewhere; outcomes to come are dropped there and found again from the store. */
    void forget() {
        count.addAndGet(-queue.size() - started.size());
        queue.clear();
        started.clear();
    }
}
