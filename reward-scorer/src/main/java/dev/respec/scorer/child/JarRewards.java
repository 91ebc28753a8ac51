package dev.respec.scorer.child;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.scorer.reward.RewardUnavailableException;
import dev.respec.scorer.reward.ScoringInput;
import dev.respec.scorer.reward.SlowReward;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reward functions of a folder of jars. Each call has a child process to itself; a child that ends, or takes longer
 * than the timeout and is ended, is replaced for the next call. Never more children than calls at once. Thread-safe.
 */
public final class JarRewards implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(JarRewards.class);

    private final Path jars;
    private final int heapMegabytes;
    private final int parallel;
    private final Duration timeout;
    private final Deaths deaths;
    private final Semaphore permits;
    private final Deque<ChildProcess> idle = new ArrayDeque<>();
    private final Set<ChildProcess> running = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService clock;
    private final List<SlowReward> functions;
    private volatile boolean closed;

    /**
     * Starts a first child, which says what the jars hold.
     *
     * @param parallel calls at the same time, of all functions
     * @throws dev.respec.scorer.reward.RewardFunctionException if the folder or a jar cannot be used
     */
    public JarRewards(Path jars, int heapMegabytes, int parallel, Duration timeout, Clock time) {
        RewardFunctions.requireFolder(jars);
        this.jars = jars;
        this.heapMegabytes = heapMegabytes;
        this.parallel = parallel;
        this.timeout = timeout;
        this.deaths = new Deaths(time);
        this.permits = new Semaphore(parallel, true);
        this.clock = Executors.newSingleThreadScheduledExecutor(work -> {
            var thread = new Thread(work, "reward-children");
            thread.setDaemon(true);
            return thread;
        });
        ChildProcess first = start();
        idle.add(first);
        this.functions = first.names().stream()
                .map(name -> (SlowReward) new Function(name))
                .toList();
    }

    private ChildProcess start() {
        ChildProcess child = ChildProcess.start(jars, heapMegabytes, clock);
        running.add(child);
        if (closed) {
            child.close(); // close() may have looked before this child existed
        }
        return child;
    }

    /** The functions; closing one closes all. */
    public List<SlowReward> functions() {
        return functions;
    }

    private Reward call(String function, ScoringInput input) {
        deaths.rest(function).ifPresent(until -> {
            throw new RewardUnavailableException("reward function '%s' rests until %s after %d processes that it ended"
                    .formatted(function, until, Deaths.MOST));
        });
        try {
            permits.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RewardUnavailableException("reward function '%s': interrupted".formatted(function));
        }
        try {
            return call(take(), function, input);
        } finally {
            permits.release();
        }
    }

    private ChildProcess take() {
        if (closed) {
            throw new RewardUnavailableException("the scorer ends");
        }
        synchronized (idle) {
            while (!idle.isEmpty()) {
                ChildProcess child = idle.removeFirst();
                if (child.isAlive()) {
                    return child;
                }
                running.remove(child);
            }
        }
        return start();
    }

    private Reward call(ChildProcess child, String function, ScoringInput input) {
        try {
            return child.call(function, input, timeout);
        } finally {
            if (child.isAlive()) {
                synchronized (idle) {
                    idle.addFirst(child);
                }
            } else {
                running.remove(child);
                tellOfDeath(function, child);
            }
        }
    }

    private void tellOfDeath(String function, ChildProcess child) {
        if (closed) {
            return;
        }
        boolean rests = deaths.add(function);
        log.atWarn()
                .addKeyValue("rewardFunction", function)
                .addKeyValue("processId", child.id())
                .addKeyValue("rests", rests)
                .log("The process of a reward function has ended; the next call gets a new one");
    }

    /** Ends every child. Idempotent. */
    @Override
    public void close() {
        closed = true;
        running.forEach(ChildProcess::close);
        clock.shutdownNow();
    }

    /** One function of the jars. */
    private final class Function implements SlowReward {
        private final String name;

        Function(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public int parallelCalls() {
            return parallel;
        }

        @Override
        public Reward score(ScoringInput input) {
            return call(name, input);
        }

        @Override
        public void close() {
            JarRewards.this.close();
        }
    }
}
