package dev.respec.trainer;

import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.admission.DroppedRequest;
import dev.respec.trainer.assembly.ScoredGroup;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which groups enter the step under way. Every request of the run has one fate on record: consumed by one step;
 * dropped with a reason and its prompt asked again; or set aside because its rewards are equal, with another prompt asked
 * in its place.
 *
 * <p>Decides and touches nothing else: no topic, no clock. Owned by the trainer's thread.
 */
final class StepGroups {
    private static final Logger log = LoggerFactory.getLogger(StepGroups.class);

    /** Why a request's rollouts do not enter a step. */
    enum Reason {
        EQUAL_REWARDS(DroppedRequest.EQUAL_REWARDS),
        INCOMPLETE("incomplete"),
        STALE("stale"),
        TIMED_OUT(DroppedRequest.TIMED_OUT),
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

    /** How dynamic sampling went in a step. */
    enum Sampling {
        OFF,
        WITHIN_LIMIT,
        /** A group with equal rewards came after the step had set aside as many as it may. */
        AT_LIMIT
    }

    /**
     * The groups of a step, and what was read and left out.
     *
     * @param setAside complete groups left out for their equal rewards
     * @param dropped request ids, each with the reason after a space
     * @param sampling how dynamic sampling went
     */
    record Collected(
            List<ScoredGroup> groups,
            List<ScoredGroup> setAside,
            List<String> dropped,
            Map<Reason, Integer> reasons,
            Sampling sampling) {
        int count(Reason reason) {
            return reasons.getOrDefault(reason, 0);
        }

        /** What the policy answered in this step, whether or not it can be learned from. */
        List<ScoredGroup> answered() {
            return Stream.concat(groups.stream(), setAside.stream()).toList();
        }
    }

    /**
     * What is taken.
     *
     * @param groupsPerStep groups of a step
     * @param groupSize rollouts of a group
     * @param maxStaleness versions a token may be behind
     * @param sampling which of the others are set aside
     */
    record Rules(int groupsPerStep, int groupSize, int maxStaleness, DynamicSampling sampling) {}

    private final Admission admission;
    private final Rules rules;
    private final long version;
    private final List<ScoredGroup> groups = new ArrayList<>();
    private final List<ScoredGroup> setAside = new ArrayList<>();
    private final List<String> dropped = new ArrayList<>();
    private final Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
    private Sampling sampling;

    /** @param version the trainer's version, which the groups will update */
    StepGroups(Admission admission, Rules rules, long version) {
        this.admission = admission;
        this.rules = rules;
        this.version = version;
        this.sampling = rules.sampling().enabled() ? Sampling.WITHIN_LIMIT : Sampling.OFF;
    }

    boolean full() {
        return groups.size() >= rules.groupsPerStep();
    }

    int size() {
        return groups.size();
    }

    Collected collected() {
        return new Collected(
                List.copyOf(groups), List.copyOf(setAside), List.copyOf(dropped), Map.copyOf(reasons), sampling);
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
        } else if (isLeftOut(group)) {
            setAside(group);
        } else {
            admission.accept(group.requestIndex());
            groups.add(group);
        }
    }

    private boolean isLeftOut(ScoredGroup group) {
        var dynamic = rules.sampling();
        if (!dynamic.enabled() || dynamic.teaches().test(group)) {
            return false;
        }
        if (setAside.size() < dynamic.mostSetAside()) {
            return true;
        }
        boolean carriesOn = dynamic.atLimit() == DynamicSampling.AtLimit.CARRY_ON;
        boolean asManyAgain = carriesOn && setAside.size() % dynamic.mostSetAside() == 0;
        if (sampling != Sampling.AT_LIMIT || asManyAgain) {
            warnOfLimit();
        }
        sampling = Sampling.AT_LIMIT;
        return carriesOn;
    }

    private void warnOfLimit() {
        log.atWarn()
                .addKeyValue("setAside", setAside.size())
                .addKeyValue("groups", groups.size())
                .addKeyValue("groupsPerStep", rules.groupsPerStep())
                .addKeyValue("then", rules.sampling().atLimit().text())
                .log("Step reaches the limit of trainer.dynamic-sampling");
    }

    private void setAside(ScoredGroup group) {
        admission.setAside(group.requestIndex());
        setAside.add(group);
        record(group.requestId(), Reason.EQUAL_REWARDS);
        log.atDebug().addKeyValue("requestId", group.requestId()).log("Group is set aside: its rewards are equal");
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
        record(requestId, Reason.REFUSED);
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
        record(requestId, reason);
        var level = fate == Admission.Drop.ABANDONED ? log.atWarn() : log.atInfo();
        level.addKeyValue("requestId", requestId)
                .addKeyValue("reason", reason.text)
                .addKeyValue("prompt", fate)
                .log("Group is dropped");
    }

    private void record(String requestId, Reason reason) {
        dropped.add(new DroppedRequest(requestId, reason.text).entry());
        reasons.merge(reason, 1, Integer::sum);
    }
}
