package dev.respec.ops.paper.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * The pipeline as discrete events: workers step their active sequences, groups pass scorer and trainer when their slowest
 * rollout ends, new weights go out to every worker, and new prompts are admitted as far as staleness allows. Times are
 * milliseconds. The same seed gives the same result.
 */
final class PipelineSimulation {
    private static final double STATISTICS_PER_SECOND = 1;

    private final Cluster cluster;
    private final Workload workload;
    private final Random random;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Deque<Group> queue = new ArrayDeque<>();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Double> stepEnds = new ArrayList<>();
    private final Busy busy = new Busy();
    private double now;
    private long sequence;
    private double scorerFreeAt;
    private int admittedGroups;
    private int consumedGroups;
    private int collectedGroups;
    private long collectedTokens;
    private boolean training;

    PipelineSimulation(Cluster cluster, Workload workload, long seed) {
        this.cluster = cluster;
        this.workload = workload;
        this.random = new Random(seed);
    }

    /** Time that each stage computed, counted when it is done. */
    private static final class Busy {
        double workers;
        double scorer;
        double trainer;
        double reader;
        double store;
    }

    /**
     * Rates and the share of the time in which each stage was busy.
     *
     * @param stepMilliseconds from one training step's end to the next
     */
    record Result(
            double rolloutsPerSecond,
            double stepMilliseconds,
            double workersBusy,
            double scorerBusy,
            double controllerBusy,
            double trainerBusy,
            double readerBusy,
            double storeBusy) {}

    private static final class Group {
        int open;
        long tokens;
    }

    private static final class Sample {
        final Group group;
        double tokensLeft;

        Sample(Group group, double tokensLeft) {
            this.group = group;
            this.tokensLeft = tokensLeft;
        }
    }

    private static final class Worker {
        final List<Sample> active = new ArrayList<>();
        final Deque<Sample> waiting = new ArrayDeque<>();
        boolean stepping;
    }

    private record Event(double at, long order, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Double.compare(at, other.at);
            return byTime == 0 ? Long.compare(order, other.order) : byTime;
        }
    }

    /** Runs until so many training steps are done. */
    Result run(int trainingSteps) {
        for (int i = 0; i < cluster.workers(); i++) {
            workers.add(new Worker());
        }
        admit();
        while (stepEnds.size() < trainingSteps) {
            Event event = events.remove();
            now = event.at();
            event.what().run();
        }
        double perStep = now / trainingSteps;
        double rollouts = (double) cluster.promptsPerStep() * cluster.groupSize();
        return new Result(
                rollouts / perStep * 1000,
                perStep,
                busy.workers / cluster.workers() / now,
                busy.scorer / now,
                cluster.workers() * STATISTICS_PER_SECOND / cluster.rates().controller(),
                busy.trainer / now,
                busy.reader / now,
                busy.store / now);
    }

    private void at(double time, Runnable what) {
        events.add(new Event(time, sequence++, what));
    }

    /** Admits as many groups as may be in flight, spread over the workers that wait for work. */
    private void admit() {
        int most = consumedGroups + cluster.promptsPerStep() * (1 + cluster.maxStaleness());
        for (; admittedGroups < most; admittedGroups++) {
            queue.addLast(new Group());
        }
        boolean taken = true;
        while (taken && !queue.isEmpty()) {
            taken = false;
            for (Worker worker : workers) {
                taken |= !worker.stepping && take(worker);
            }
        }
        workers.stream().filter(worker -> !worker.stepping).forEach(this::step);
    }

    /** Gives the worker one group if it has a free slot that nothing waits for. */
    private boolean take(Worker worker) {
        if (queue.isEmpty() || worker.active.size() + worker.waiting.size() >= cluster.slots()) {
            return false;
        }
        Group group = queue.removeFirst();
        group.open = cluster.groupSize();
        for (int i = 0; i < cluster.groupSize(); i++) {
            int tokens = workload.responseTokens()
                    .get(random.nextInt(workload.responseTokens().size()));
            group.tokens += tokens;
            worker.waiting.addLast(new Sample(group, tokens));
        }
        return true;
    }

    private void step(Worker worker) {
        while (take(worker)) {
            // Fetches while there is room.
        }
        while (worker.active.size() < cluster.slots() && !worker.waiting.isEmpty()) {
            worker.active.add(worker.waiting.removeFirst());
        }
        worker.stepping = !worker.active.isEmpty();
        if (worker.stepping) {
            Workload.Step cost = workload.at(worker.active.size());
            at(now + cost.milliseconds(), () -> stepped(worker, cost));
        }
    }

    private void stepped(Worker worker, Workload.Step cost) {
        busy.workers += cost.milliseconds();
        worker.active.removeIf(sample -> {
            sample.tokensLeft -= cost.tokensPerSequence();
            if (sample.tokensLeft > 0) {
                return false;
            }
            if (--sample.group.open == 0) {
                score(sample.group);
            }
            return true;
        });
        step(worker);
    }

    private void score(Group group) {
        double service = cluster.groupSize() / cluster.rates().scorer() * 1000;
        scorerFreeAt = Math.max(now, scorerFreeAt) + service;
        at(scorerFreeAt, () -> {
            busy.scorer += service;
            collect(group);
        });
    }

    private void collect(Group group) {
        busy.reader += cluster.groupSize() / cluster.rates().reader() * 1000;
        collectedGroups++;
        collectedTokens += group.tokens;
        train();
    }

    private void train() {
        if (training || collectedGroups < cluster.promptsPerStep()) {
            return;
        }
        training = true;
        double share = (double) cluster.promptsPerStep() / collectedGroups;
        double tokens = collectedTokens * share;
        collectedGroups -= cluster.promptsPerStep();
        collectedTokens -= Math.round(tokens);
        double took = tokens * workload.trainingMillisecondsPerToken() / cluster.trainers();
        at(now + took, () -> {
            busy.trainer += took;
            trained();
        });
    }

    /** Weights go out to every worker; the store sends them to one after the other. */
    private void trained() {
        training = false;
        stepEnds.add(now);
        consumedGroups += cluster.promptsPerStep();
        double broadcast = cluster.workers() * workload.policyBytes() / cluster.storeBytesPerSecond() * 1000;
        at(now + broadcast, () -> {
            busy.store += broadcast;
            if (cluster.maxStaleness() == 0) {
                admit(); // synchronous training: nothing is generated with older weights
            }
        });
        if (cluster.maxStaleness() > 0) {
            admit();
        }
        train();
    }
}
