package dev.respec.trainer.evaluation;

import static java.util.Objects.requireNonNull;

import dev.respec.generation.EvaluationScores;
import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.FinishReason;
import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One evaluation: what is asked and what has come. Every question ends once: answered in full by the version that is
 * evaluated, refused by the workers, or given up after the last attempt. An answer that another version had a part in
 * does not count; its question is asked again.
 *
 * <p>Decides and touches nothing else: no topic, no clock. Not thread-safe.
 */
public final class EvaluationUnderWay {
    private final EvaluationPlan plan;
    private final String runId;
    private final long step;
    private final long version;
    private final Instant startedAt;
    private final List<EvaluationRequestId> toAsk = new ArrayList<>();
    private final Map<String, Asked> asked = new LinkedHashMap<>();
    private final Map<Part, Tally> tallies = new LinkedHashMap<>();

    /** What one event reports. */
    private record Part(String dataSet, EvaluationMode mode) {
        static Part of(EvaluationRequestId id) {
            return new Part(id.dataSet(), id.mode());
        }
    }

    /** A request in flight. */
    private static final class Asked {
        final EvaluationRequestId id;
        final Instant since;
        final TreeMap<Integer, ScoredRollout> arrived = new TreeMap<>();

        Asked(EvaluationRequestId id, Instant since) {
            this.id = id;
            this.since = since;
        }
    }

    private static final class Tally {
        final TreeMap<Integer, List<ScoredRollout>> answers = new TreeMap<>();
        final TreeMap<Integer, String> requestIds = new TreeMap<>();
        int refused;
        int unanswered;
        int repeated;
    }

    public EvaluationUnderWay(EvaluationPlan plan, String runId, long step, long version, Instant startedAt) {
        this.plan = plan;
        this.runId = runId;
        this.step = step;
        this.version = version;
        this.startedAt = startedAt;
        plan.prompts().forEach((set, prompts) -> {
            for (int prompt = 0; prompt < prompts.size(); prompt++) {
                ask(set, EvaluationMode.GREEDY, prompt);
                if (plan.samples() > 0) {
                    ask(set, EvaluationMode.SAMPLED, prompt);
                }
            }
        });
    }

    private void ask(String set, EvaluationMode mode, int prompt) {
        var id = new EvaluationRequestId(runId, step, set, mode, prompt, 0);
        tallies.computeIfAbsent(Part.of(id), part -> new Tally());
        toAsk.add(id);
    }

    public long step() {
        return step;
    }

    public long version() {
        return version;
    }

    public int samples(EvaluationMode mode) {
        return mode == EvaluationMode.GREEDY ? 1 : plan.samples();
    }

    /** A request of this evaluation was published by an earlier life of the trainer. */
    public void found(EvaluationRequestId id, Instant now) {
        if (id.step() != step || !id.runId().equals(runId)) {
            return;
        }
        var waiting = toAsk.removeIf(question -> isSameQuestion(question, id));
        var earlier = asked.values().stream()
                .filter(other -> isSameQuestion(other.id, id))
                .findFirst();
        if (earlier.isPresent() && earlier.get().id.attempt() < id.attempt()) {
            asked.remove(earlier.get().id.text());
            waiting = true;
        }
        if (waiting) {
            asked.put(id.text(), new Asked(id, now));
        }
    }

    private static boolean isSameQuestion(EvaluationRequestId one, EvaluationRequestId other) {
        return Part.of(one).equals(Part.of(other)) && one.prompt() == other.prompt();
    }

    /** Requests to be published now; they are in flight from now on. */
    public List<EvaluationRequestId> takeQuestions(Instant now) {
        var taken = List.copyOf(toAsk);
        toAsk.clear();
        taken.forEach(id -> asked.put(id.text(), new Asked(id, now)));
        return taken;
    }

    /** Ids of the requests in flight. */
    public Set<String> awaited() {
        return Set.copyOf(asked.keySet());
    }

    public boolean complete() {
        return toAsk.isEmpty() && asked.isEmpty();
    }

    /** The next record of {@code scored-rollouts}; those of other requests are passed over. */
    public void offer(ScoredRollout record) {
        var request = asked.get(record.getRequestId());
        if (request == null) {
            return;
        }
        var rollout = record.getRollout();
        if (rollout != null) {
            request.arrived.putIfAbsent(rollout.getSampleIndex(), record);
        }
        var whole = record.getGroup().getStatus() == GroupStatus.COMPLETE
                && request.arrived.size() == record.getGroup().getGroupSize();
        if (whole) {
            asked.remove(record.getRequestId());
            judge(request);
        } else if (rollout == null) {
            again(request);
        }
    }

    private void judge(Asked request) {
        var answers = List.copyOf(request.arrived.values());
        if (answers.size() != samples(request.id.mode()) || !answers.stream().allMatch(this::isOfTheVersion)) {
            again(request);
            return;
        }
        var tally = tally(request.id);
        tally.answers.put(request.id.prompt(), answers);
        tally.requestIds.put(request.id.prompt(), request.id.text());
    }

    private boolean isOfTheVersion(ScoredRollout answer) {
        var spans = answer.getRollout().getPolicySpans();
        return !spans.isEmpty() && spans.stream().allMatch(span -> span.getPolicyVersion() == version);
    }

    private void again(Asked request) {
        asked.remove(request.id.text());
        var tally = tally(request.id);
        if (request.id.attempt() + 1 >= plan.mostAttempts()) {
            tally.unanswered++;
            return;
        }
        tally.repeated++;
        toAsk.add(request.id.again());
    }

    private Tally tally(EvaluationRequestId id) {
        return requireNonNull(tallies.get(Part.of(id)));
    }

    /** No worker can answer the request. */
    public void refuse(String requestId) {
        var request = asked.remove(requestId);
        if (request != null) {
            tally(request.id).refused++;
        }
    }

    /** Asks again what has been in flight for longer than the timeout. */
    public void giveUpOverdue(Instant now) {
        var latest = now.minus(plan.requestTimeout());
        asked.values().stream()
                .filter(request -> request.since.isBefore(latest))
                .toList()
                .forEach(this::again);
    }

    /** What came out, one result for each data set and mode; to be asked once {@link #complete}. */
    public List<PolicyEvaluation> results(Instant finishedAt) {
        return tallies.entrySet().stream()
                .map(entry -> result(entry.getKey(), entry.getValue(), finishedAt))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private PolicyEvaluation result(Part part, Tally tally, Instant finishedAt) {
        var rollouts = tally.answers.values().stream()
                .flatMap(List::stream)
                .map(ScoredRollout::getRollout)
                .toList();
        var deciding = plan.deciding();
        var decides = deciding.dataSet().equals(part.dataSet()) && deciding.mode() == part.mode();
        return PolicyEvaluation.newBuilder()
                .setRunId(runId)
                .setStep(step)
                .setPolicyVersion(version)
                .setDataSet(part.dataSet())
                .setMode(part.mode())
                .setSamples(samples(part.mode()))
                .setPrompts(tally.answers.size())
                .setRefusedPrompts(tally.refused)
                .setUnansweredPrompts(tally.unanswered)
                .setRepeatedRequests(tally.repeated)
                .setMetrics(metrics(part.mode(), tally, rollouts))
                .setTokens(
                        rollouts.stream().mapToLong(EvaluationUnderWay::length).sum())
                .setRequestIds(List.copyOf(tally.requestIds.values()))
                .setDecidingMetric(decides ? deciding.metric() : null)
                .setStartedAt(startedAt)
                .setFinishedAt(finishedAt)
                .build();
    }

    /** Empty if nothing was answered: no number would be true. */
    private Map<String, Double> metrics(EvaluationMode mode, Tally tally, List<Rollout> rollouts) {
        if (rollouts.isEmpty()) {
            return Map.of();
        }
        var scores = new EvaluationScores(samples(mode));
        tally.answers.forEach((prompt, answers) -> answers.forEach(answer -> scores.add(prompt, answer.getReward())));
        var metrics = new HashMap<String, Double>();
        plan.passKs(samples(mode)).forEach(k -> metrics.put(DecidingScore.passAt(k), scores.passAt(k)));
        metrics.put(DecidingScore.REWARD_MEAN, scores.meanReward());
        if (tally.answers.size() > 1) {
            metrics.put("reward_standard_error", scores.standardError());
        }
        var count = (double) rollouts.size();
        metrics.put(
                "response_length_mean",
                rollouts.stream().mapToLong(EvaluationUnderWay::length).sum() / count);
        metrics.put(
                "truncated_share",
                rollouts.stream()
                                .filter(rollout -> rollout.getFinishReason() == FinishReason.LENGTH)
                                .count()
                        / count);
        return metrics;
    }

    private static long length(Rollout rollout) {
        return rollout.getResponseTokens().remaining() / Integer.BYTES;
    }
}
