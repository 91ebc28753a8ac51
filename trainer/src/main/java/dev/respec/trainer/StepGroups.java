package dev.respec.trainer;

import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.ScoredGroup;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which groups enter the step under way. Every request of the run has one fate on record: consumed by one step,
 * or dropped with a reason and its prompt asked again.
 *
 * <p>Decides and touches nothing else: no topic, no clock. Owned by the trainer's thread.
 */
final class StepGroups {
    private static final Logger log = LoggerFactory.getLogger(StepGroups.class);

    /** Why a request's rollouts do not enter a step. */
    enum Reason {
        INCOMPLETE("incomplete"),
        STALE("stale"),
        TIMED_OUT("timed-out"),
        REFUSED("refused"),
        UNNEEDED("unneeded"),
        REPLACED("replaced"),
        SETTLED("settled"),
        WRONG_SIZE("wrong-size");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    /**
     * The groups of a step, and what was read and left out.
     *
     * @param dropped request ids, each with the reason after a space
     */
    record Collected(List<ScoredGroup> groups, List<String> dropped, Map<Reason, Integer> reasons) {
        int count(Reason reason) {
            return reasons.getOrDefault(reason, 0);
        }
    }

    /**
     * What is taken.
     *
     * @param groupsPerStep groups of a step
     * @param groupSize rollouts of a group
     * @param maxStaleness versions a token may be behind
     */
    record Rules(int groupsPerStep, int groupSize, int maxStaleness) {}

    private final Admission admission;
    private final Rules rules;
    private final long version;
    private final List<ScoredGroup> groups = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);

    /** @param version the trainer's version, which the groups will update */
    StepGroups(Admission admission, Rules rules, long version) {
        this.admission = admission;
        this.rules = rules;
        this.version = version;
    }

    boolean full() {
        return groups.size() >= rules.groupsPerStep();
    }

    int size() {
        return groups.size();
    }

    Collected collected() {
        return new Collected(List.copyOf(groups), List.copyOf(dropped), Map.copyOf(reasons));
    }

    /** Takes the next group of the log, or drops it. */
    void judge(ScoredGroup group) {
        var standing = admission.standing(group.requestIndex());
        if (standing == Admission.Standing.SETTLED) {
            // its drop stands in this step or an earlier one already: one fate a request
            reasons.merge(Reason.SETTLED, 1, Integer::sum);
            log.atInfo().addKeyValue("requestId", group.requestId()).log("Group comes too late");
        } else if (group.status() == ScoredGroup.Status.INCOMPLETE) {
            drop(group.requestId(), group.requestIndex(), Reason.INCOMPLETE);
        } else if (group.rollouts().size() != rules.groupSize()) {
            drop(group.requestId(), group.requestIndex(), Reason.WRONG_SIZE);
        } else if (version - group.oldestPolicyVersion() > rules.maxStaleness()) {
            drop(group.requestId(), group.requestIndex(), Reason.STALE);
        } else if (standing == Admission.Standing.REPLACED) {
            drop(group.requestId(), group.requestIndex(), Reason.REPLACED);
        } else {
            admission.accept(group.requestIndex());
            groups.add(group);
        }
    }

    /** Gives up a request that nothing came of. */
    void giveUp(String requestId, long requestIndex) {
        drop(requestId, requestIndex, Reason.TIMED_OUT);
    }

    /** Gives up a request that no worker can answer, and its prompt. */
    void refuse(String requestId, long requestIndex, String why) {
        if (!admission.awaits(requestIndex)) {
            return; // workers repeat what they refused
        }
        admission.refuse(requestIndex);
        dropped.add(requestId + " " + Reason.REFUSED.text);
        reasons.merge(Reason.REFUSED, 1, Integer::sum);
        log.atWarn()
                .addKeyValue("requestId", requestId)
                .addKeyValue("reason", why)
                .log("Prompt is refused by a worker and not asked again");
    }

    /** Gives up whatever is in flight: the run ends with this step, and nobody asks for it again. */
    void giveUpRest(LongFunction<String> requestIds) {
        admission
                .state()
                .inFlight()
                .forEach(ticket ->
                        drop(requestIds.apply(ticket.requestIndex()), ticket.requestIndex(), Reason.UNNEEDED));
    }

    private void drop(String requestId, long requestIndex, Reason reason) {
        var fate = admission.drop(requestIndex);
        dropped.add(requestId + " " + reason.text);
        reasons.merge(reason, 1, Integer::sum);
        var level = fate == Admission.Drop.ABANDONED ? log.atWarn() : log.atInfo();
        level.addKeyValue("requestId", requestId)
                .addKeyValue("reason", reason.text)
                .addKeyValue("prompt", fate)
                .log("Group is dropped");
    }
}
