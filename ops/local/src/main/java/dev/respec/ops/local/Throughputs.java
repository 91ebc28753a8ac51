package dev.respec.ops.local;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;

/** Sums of acceptance statistics since the last reset: what the line of a training step says about generation. */
final class Throughputs {
    private long emittedTokens;
    private long draftingEmitted;
    private long draftingSteps;
    private double busyMilliseconds;

    void add(AcceptanceStats stats) {
        for (SettingStatistics each : stats.getSettings()) {
            emittedTokens += each.getEmittedTokens();
            busyMilliseconds +=
                    each.getDraftMilliseconds() + each.getVerifyMilliseconds() + each.getOtherMilliseconds();
            if (each.getSetting().getDraftLength() > 0) {
                draftingEmitted += each.getEmittedTokens();
                draftingSteps += each.getSequenceSteps();
            }
        }
    }

    void reset() {
        emittedTokens = 0;
        draftingEmitted = 0;
        draftingSteps = 0;
        busyMilliseconds = 0;
    }

    long emittedTokens() {
        return emittedTokens;
    }

    double busyMilliseconds() {
        return busyMilliseconds;
    }

    /** Of the steps that drafted; 1 if none did. */
    double acceptanceLength() {
        return draftingSteps == 0 ? 1 : (double) draftingEmitted / draftingSteps;
    }
}
