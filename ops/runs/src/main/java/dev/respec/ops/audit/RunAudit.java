package dev.respec.ops.audit;

import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Proves from a run's topics, and from nothing else, that every admitted request yielded exactly its group, that no
 * rollout was counted or trained on twice and none was lost, that staleness stayed within the bound, that versions only
 * rise, and that the steps' offsets tile {@code scored-rollouts}. Pure: the same records give the same report.
 */
public final class RunAudit {
    private final RunRecords records;
    private final long stalenessBound;
    private final boolean ended;
    private final Violations violations = new Violations();
    private final Map<String, AdmittedRequest> admitted = new LinkedHashMap<>();
    private final Set<String> foreign = new HashSet<>();
    private final Map<String, Group> groups = new HashMap<>();

    private RunAudit(RunRecords records, long stalenessBound, boolean ended) {
        this.records = records;
        this.stalenessBound = stalenessBound;
        this.ended = ended;
    }

    /** What arrived of one request. */
    private static final class Group {
        final Set<Integer> samples = new TreeSet<>();
        final Set<Integer> declaredMissing = new TreeSet<>();
        int closings;
        boolean complete;
        int partition;
        long firstOffset = Long.MAX_VALUE;
        long lastOffset = -1;
        long oldestPolicyVersion = Long.MAX_VALUE;
    }

    /**
     * Judges a run that has ended: no group may be open.
     *
     * @param stalenessBound most versions a trained token may be behind the trainer
     */
    public static AuditReport audit(RunRecords records, long stalenessBound) {
        return new RunAudit(records, stalenessBound, true).run();
    }

    /** Judges a run that goes on, or will: groups in flight are open, not lost. */
    public static AuditReport auditSoFar(RunRecords records, long stalenessBound) {
        return new RunAudit(records, stalenessBound, false).run();
    }

    private AuditReport run() {
        readRequests();
        long scored = readScored();
        long duplicates = readRollouts();
        VersionRules.check(records, violations);
        OffsetRules.check(records, violations);
        EvaluationRules.check(records, violations);
        TrainingUse use = TrainingUse.of(records, violations);
        SetAsideRules.check(records, use, violations);
        Tally tally = new Tally();
        admitted.values().forEach(request -> judge(request, use, tally));
        int unread = checkUse(use);
        long staleness = staleness(use);
        if (staleness > stalenessBound) {
            violations.add("staleness past the bound", staleness + " > " + stalenessBound);
        }
        return new AuditReport(
                admitted.size(),
                tally.complete,
                tally.incomplete,
                admitted.size() - tally.complete - tally.incomplete,
                foreign.size(),
                tally.expected,
                scored,
                duplicates,
                tally.expected - scored - tally.inFlight,
                trainedRollouts(use),
                use.droppedByReason(),
                unread,
                staleness,
                stalenessBound,
                violations.lines());
    }

    /** Groups by their fate, and rollouts expected of them. */
    private static final class Tally {
        int complete;
        int incomplete;
        long expected;
        long inFlight;
    }

    /** Every admitted request must have yielded a complete group or one declared incomplete, unless its group is open. */
    private void judge(AdmittedRequest request, TrainingUse use, Tally tally) {
        tally.expected += request.groupSize();
        Group group = groups.get(request.requestId());
        if (group == null && use.dropped().containsKey(request.requestId())) {
            tally.incomplete++; // refused by the workers, or lost and given up: its drop is on record
        } else if (!ended && isOpen(request, group)) {
            tally.inFlight += request.groupSize() - (group == null ? 0 : group.samples.size());
        } else if (group == null) {
            violations.add("admitted request without a scored group", request.requestId());
        } else if (group.closings > 0) {
            tally.incomplete++;
            checkClosed(request, group);
        } else if (group.samples.size() == request.groupSize()) {
            tally.complete++;
        } else {
            violations.add(
                    "group neither complete nor declared incomplete",
                    request.requestId() + " has samples " + group.samples + " of " + request.groupSize());
        }
    }

    private long trainedRollouts(TrainingUse use) {
        return use.usedBy().keySet().stream()
                .map(groups::get)
                .mapToLong(group -> group == null ? 0 : group.samples.size())
                .sum();
    }

    private void readRequests() {
        for (AdmittedRequest request : records.requests()) {
            if (request.foreign()) {
                foreign.add(request.requestId());
                continue;
            }
            AdmittedRequest before = admitted.putIfAbsent(request.requestId(), request);
            if (before != null && before.groupSize() != request.groupSize()) {
                violations.add(
                        "request admitted twice with different group sizes",
                        request.requestId() + ": " + before.groupSize() + " and " + request.groupSize());
            }
        }
    }

    /** Returns the number of distinct rollouts. */
    private long readScored() {
        Set<String> seen = new HashSet<>();
        for (ScoredRecord record : records.scored()) {
            AdmittedRequest request = admitted.get(record.requestId());
            if (request == null && foreign.contains(record.requestId())) {
                continue;
            }
            if (request == null) {
                violations.add("scored rollout of a request that was not admitted", record.requestId());
                continue;
            }
            Group group = groups.computeIfAbsent(record.requestId(), id -> new Group());
            group.partition = record.partition();
            group.firstOffset = Math.min(group.firstOffset, record.offset());
            group.lastOffset = Math.max(group.lastOffset, record.offset());
            PublishedRollout rollout = record.rollout();
            if (rollout == null) {
                group.closings++;
                group.declaredMissing.addAll(record.missingSamples());
                continue;
            }
            if (!seen.add(rollout.rolloutId())) {
                violations.add("rollout counted twice", rollout.rolloutId() + " at offset " + record.offset());
            }
            if (rollout.sampleIndex() < 0 || rollout.sampleIndex() >= request.groupSize()) {
                violations.add("sample index outside its group", rollout.rolloutId());
            }
            group.samples.add(rollout.sampleIndex());
            group.complete |= record.inCompleteGroup();
            group.oldestPolicyVersion = Math.min(group.oldestPolicyVersion, rollout.oldestPolicyVersion());
        }
        return seen.size();
    }

    /** Returns the number of repeats; a rollout that was published must have been scored or declared missing. */
    private long readRollouts() {
        Set<String> distinct = new HashSet<>();
        for (PublishedRollout rollout : records.rollouts()) {
            Group group = groups.get(rollout.requestId());
            boolean accountedFor = group != null
                    && (group.samples.contains(rollout.sampleIndex())
                            || group.declaredMissing.contains(rollout.sampleIndex()));
            AdmittedRequest request = admitted.get(rollout.requestId());
            boolean repeated = !distinct.add(rollout.rolloutId());
            if (!repeated && !accountedFor && request != null && (ended || !isOpen(request, group))) {
                violations.add("published rollout was never scored", rollout.rolloutId());
            }
        }
        return records.rollouts().size() - distinct.size();
    }

    private static boolean isOpen(AdmittedRequest request, @Nullable Group group) {
        return group == null || (group.closings == 0 && group.samples.size() < request.groupSize());
    }

    private void checkClosed(AdmittedRequest request, Group group) {
        if (group.complete) {
            violations.add("group both complete and declared incomplete", request.requestId());
        }
        if (group.closings > 1) {
            violations.add("incomplete group closed more than once", request.requestId());
        }
        for (int sample = 0; sample < request.groupSize(); sample++) {
            if (group.samples.contains(sample) == group.declaredMissing.contains(sample)) {
                violations.add(
                        "sample of an incomplete group is not exactly one of scored and declared missing",
                        request.requestId() + "/" + sample);
            }
        }
    }

    /** Returns the number of groups scored after the last step read. */
    private int checkUse(TrainingUse use) {
        int unread = 0;
        for (Map.Entry<String, Group> entry : groups.entrySet()) {
            String id = entry.getKey();
            boolean used = use.usedBy().containsKey(id);
            boolean dropped = use.dropped().containsKey(id);
            long readUpTo = use.readUpTo().getOrDefault(entry.getValue().partition, 0L);
            if (used && dropped) {
                violations.add("group both trained on and dropped", id);
            } else if (!used && !dropped && entry.getValue().lastOffset >= readUpTo) {
                unread++;
            } else if (!used && !dropped) {
                violations.add("group read, but neither trained on nor dropped", id);
            }
            if (used && entry.getValue().closings > 0) {
                violations.add("incomplete group trained on", id);
            }
        }
        for (String id : use.usedBy().keySet()) {
            if (!groups.containsKey(id)) {
                violations.add("group trained on was never scored", id);
            }
        }
        return unread;
    }

    private long staleness(TrainingUse use) {
        long most = 0;
        for (Map.Entry<String, Long> entry : use.usedBy().entrySet()) {
            Group group = groups.get(entry.getKey());
            if (group != null && !group.samples.isEmpty()) {
                most = Math.max(most, entry.getValue() - group.oldestPolicyVersion);
            }
        }
        return most;
    }

    /** Steps of a role without the exact repeats that a restart between publishing and committing leaves. */
    static List<TrainingStep> distinctSteps(RunRecords records, WeightRole role, Violations violations) {
        Map<Long, TrainingStep> byNumber = new LinkedHashMap<>();
        for (TrainingStep step : records.steps(role)) {
            TrainingStep before = byNumber.putIfAbsent(step.getStep(), step);
            if (before != null
                    && !(before.getRequestIds().equals(step.getRequestIds())
                            && before.getSourceOffsets().equals(step.getSourceOffsets()))) {
                violations.add("two different steps with one number", role + " step " + step.getStep());
            }
        }
        return new ArrayList<>(byNumber.values());
    }
}
