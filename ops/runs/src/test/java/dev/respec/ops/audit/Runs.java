package dev.respec.ops.audit;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A small run that obeys every rule; tests change one record and see the audit object. */
public final class Runs {
    public static final String RUN = "run-1";
    public static final int GROUP_SIZE = 4;
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    public final List<AdmittedRequest> requests = new ArrayList<>();
    public final List<PublishedRollout> rollouts = new ArrayList<>();
    public final List<ScoredRecord> scored = new ArrayList<>();
    public final List<TrainingStep> steps = new ArrayList<>();
    public final List<WeightUpdate> weights = new ArrayList<>();
    public final List<PolicyEvaluation> evaluations = new ArrayList<>();
    public final List<ScoredRecord> evaluationAnswers = new ArrayList<>();

    /** Two groups a step, one partition; the rollouts of a step are sampled from the version before the newest. */
    public static Runs aRunOf(int stepCount) {
        Runs run = new Runs();
        for (int step = 1; step <= stepCount; step++) {
            long from = run.scored.size();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                ids.add(run.addGroup(Math.max(0, step - 2)));
            }
            run.steps.add(step(step, step, from, run.scored.size(), ids, List.of()));
            run.weights.add(weights(step, "a" + step));
        }
        return run;
    }

    private String addGroup(long policyVersion) {
        int index = requests.size();
        String id = RUN + "/" + index;
        requests.add(new AdmittedRequest(id, index, GROUP_SIZE, policyVersion));
        for (int sample = 0; sample < GROUP_SIZE; sample++) {
            PublishedRollout rollout = rollout(id, sample, policyVersion);
            rollouts.add(rollout);
            scored.add(new ScoredRecord(0, scored.size(), id, rollout, sample % 2, true, List.of()));
        }
        return id;
    }

    public static PublishedRollout rollout(String requestId, int sample, long policyVersion) {
        return new PublishedRollout(
                requestId + "/" + sample,
                requestId,
                sample,
                "worker-1",
                100,
                true,
                policyVersion,
                policyVersion,
                50,
                80,
                50,
                1.0,
                200.0,
                START);
    }

    public static TrainingStep step(
            long number, long version, long from, long to, List<String> requestIds, List<String> dropped) {
        return TrainingStep.newBuilder()
                .setRunId(RUN)
                .setRole(WeightRole.POLICY)
                .setStep(number)
                .setVersion(version)
                .setSourceOffsets(List.of(new SourceOffsets("scored-rollouts", 0, from, to)))
                .setRequestIds(requestIds)
                .setDroppedRequestIds(dropped)
                .setMetrics(Map.of())
                .setPhases(Map.of())
                .setStartedAt(START.plusSeconds(number))
                .setFinishedAt(START.plusSeconds(number + 1))
                .build();
    }

    public static WeightUpdate weights(long version, String sha256) {
        return WeightUpdate.newBuilder()
                .setRunId(RUN)
                .setRole(WeightRole.POLICY)
                .setVersion(version)
                .setBaseVersion(version - 1)
                .setFormat(WeightFormat.FULL)
                .setUri("file:/artefacts/policy-" + version)
                .setFiles(List.of(new ArtefactFile("model.safetensors", 10L, sha256)))
                .setStep(version)
                .setPolicyVersion(version)
                .setSourceOffsets(List.of())
                .setMetrics(Map.of())
                .setPublishedAt(START.plusSeconds(version))
                .build();
    }

    public RunRecords records() {
        return new RunRecords(
                RUN,
                requests,
                rollouts,
                scored,
                steps,
                weights,
                List.of(),
                List.of(),
                List.of(),
                new EvaluationRecords(evaluations, evaluationAnswers));
    }

    /** An evaluation of one prompt with two sampled answers; returns the request's id. */
    public String addEvaluation(long step, long policyVersion) {
        String id = new EvaluationRequestId(RUN, step, "sums", EvaluationMode.SAMPLED, 0, 0).text();
        for (int sample = 0; sample < 2; sample++) {
            PublishedRollout answer = rollout(id, sample, policyVersion);
            evaluationAnswers.add(new ScoredRecord(1, evaluationAnswers.size(), id, answer, sample, true, List.of()));
        }
        evaluations.add(evaluation(step, policyVersion, id));
        return id;
    }

    public static PolicyEvaluation evaluation(long step, long policyVersion, String requestId) {
        return PolicyEvaluation.newBuilder()
                .setRunId(RUN)
                .setStep(step)
                .setPolicyVersion(policyVersion)
                .setDataSet("sums")
                .setMode(EvaluationMode.SAMPLED)
                .setSamples(2)
                .setPrompts(1)
                .setRefusedPrompts(0)
                .setUnansweredPrompts(0)
                .setRepeatedRequests(0)
                .setMetrics(Map.of("pass@1", 0.5, "pass@2", 1.0))
                .setTokens(200)
                .setRequestIds(List.of(requestId))
                .setStartedAt(START)
                .setFinishedAt(START.plusSeconds(1))
                .build();
    }
}
