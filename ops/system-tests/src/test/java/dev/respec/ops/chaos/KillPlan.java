package dev.respec.ops.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Whom a run of the chaos test kills, in which order: a function of seed and count. */
final class KillPlan {
    private static final List<String> STAGES = List.of("worker", "trainer", "learner", "scorer", "controller");

    /** Of ten kills of stages; the scorer's cost the most time, as its partitions wait for its session to end. */
    private static final int[] SHARES = {3, 3, 2, 1, 1};

    /** Not a kill: the registry is there and does not answer. */
    static final String REGISTRY_GONE = "registry-gone";

    private KillPlan() {}

    /**
     * As many kills of stages, a tenth as many of the broker, at least three, and what the registry is good for. Stages are
     * shuffled ten at a time: one that is killed twice in a row has to come back first, while nobody else dies.
     */
    static List<String> of(Random random, int stageKills) {
        List<String> victims = new ArrayList<>();
        while (victims.size() < stageKills) {
            List<String> ten = tenStages();
            Collections.shuffle(ten, random);
            victims.addAll(ten.subList(0, Math.min(ten.size(), stageKills - victims.size())));
        }
        List<String> others = new ArrayList<>(Collections.nCopies(Math.max(3, stageKills / 10), "broker"));
        others.add("registry");
        others.add(REGISTRY_GONE);
        others.forEach(other -> victims.add(random.nextInt(victims.size() + 1), other));
        return victims;
    }

    private static List<String> tenStages() {
        List<String> ten = new ArrayList<>();
        for (int stage = 0; stage < SHARES.length; stage++) {
            ten.addAll(Collections.nCopies(SHARES[stage], STAGES.get(stage)));
        }
        return ten;
    }
}
