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

    /** As many kills of stages, a tenth as many of the broker, at least three, and what the registry is good for. */
    static List<String> of(Random random, int stageKills) {
        List<String> victims = new ArrayList<>();
        int shares = 10;
        for (int i = 0; victims.size() < stageKills; i++) {
            int place = i % shares;
            int stage = 0;
            while (place >= SHARES[stage]) {
                place -= SHARES[stage++];
            }
            victims.add(STAGES.get(stage));
        }
        victims.addAll(Collections.nCopies(Math.max(3, stageKills / shares), "broker"));
        victims.add("registry");
        victims.add(REGISTRY_GONE);
        Collections.shuffle(victims, random);
        return victims;
    }
}
