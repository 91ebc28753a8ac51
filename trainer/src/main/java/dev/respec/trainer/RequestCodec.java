package dev.respec.trainer;

import dev.respec.schemas.EvaluationMode;
import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.RolloutPurpose;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.TrustedEvents;
import dev.respec.stage.config.SamplingSection;
import dev.respec.trainer.admission.RequestMarks;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.data.Mixing;
import dev.respec.trainer.data.Prompt;
import java.time.Instant;
import java.util.HashMap;

/** Tickets to requests and back. A request carries its prompt's position and attempt, so that the topic alone tells. */
final class RequestCodec {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    /** Leaves 52 bits: clients whose only number is a double (2^53 and beyond is not exact) read the seed as it is. */
    private static final int SEED_SHIFT = Long.SIZE - 52;

    private final String runId;
    private final int groupSize;
    private final SamplingSection sampling;
    private final long seed;

    /**
     * A codec for one run.
     *
     * @param seed request seeds derive from it and the request's index
     */
    RequestCodec(String runId, int groupSize, SamplingSection sampling, long seed) {
        this.runId = runId;
        this.groupSize = groupSize;
        this.sampling = sampling;
        this.seed = seed;
    }

    RolloutRequest request(Ticket ticket, Prompt prompt, long version, Instant now) {
        var metadata = new HashMap<>(prompt.metadata());
        metadata.put(RequestMarks.POSITION, Long.toString(ticket.promptPosition()));
        metadata.put(RequestMarks.ATTEMPT, Integer.toString(ticket.attempt()));
        return RolloutRequest.newBuilder()
                .setRunId(runId)
                .setRequestId(requestId(ticket.requestIndex()))
                .setRequestIndex(ticket.requestIndex())
                .setPromptId(prompt.id())
                .setPrompt(prompt.text())
                .setGroupSize(groupSize)
                .setSampling(SamplingParameters.newBuilder()
                        .setTemperature(sampling.temperature())
                        .setTopP(sampling.topP())
                        .setTopK(sampling.topK())
                        .setMaxTokens(sampling.maxTokens())
                        .build())
                .setSeed(Mixing.mix(seed, ticket.requestIndex()) >>> SEED_SHIFT)
                .setTask(prompt.task())
                .setAnswer(prompt.answer())
                .setMetadata(metadata)
                .setAdmittedAtVersion(version)
                .setAdmittedAt(now)
                .build();
    }

    /**
     * A request that evaluates the policy. Its noise depends on data set, prompt and sample alone, so that evaluations of
     * different steps differ by their policies only.
     *
     * @param prompt that the id names
     * @param samples answers
     */
    RolloutRequest evaluation(EvaluationRequestId id, Prompt prompt, int samples, long version, Instant now) {
        var greedy = id.mode() == EvaluationMode.GREEDY;
        return RolloutRequest.newBuilder()
                .setRunId(runId)
                .setRequestId(id.text())
                .setRequestIndex(id.prompt())
                .setPromptId(prompt.id())
                .setPrompt(prompt.text())
                .setGroupSize(samples)
                .setSampling(SamplingParameters.newBuilder()
                        .setTemperature(greedy ? 0 : sampling.temperature())
                        .setTopP(greedy ? 1 : sampling.topP())
                        .setTopK(greedy ? 0 : sampling.topK())
                        .setMaxTokens(sampling.maxTokens())
                        .build())
                .setSeed(Mixing.mix(Mixing.mix(seed, Mixing.hash(id.dataSet())), id.prompt()) >>> SEED_SHIFT)
                .setTask(prompt.task())
                .setAnswer(prompt.answer())
                .setMetadata(prompt.metadata())
                .setAdmittedAtVersion(version)
                .setAdmittedAt(now)
                .setPurpose(RolloutPurpose.EVALUATION)
                .build();
    }

    String requestId(long requestIndex) {
        return RequestMarks.requestId(runId, requestIndex);
    }

    /** The index in an id of this run. */
    long requestIndex(String requestId) {
        return Long.parseLong(requestId.substring(runId.length() + 1));
    }

    /** Requests that another client wrote under this run's id are not the trainer's. */
    boolean ofThisRun(RolloutRequest request) {
        return request.getRunId().equals(runId) && RequestMarks.areOn(request);
    }

    /** Whether the request is of one of this run's evaluations. */
    boolean ofAnEvaluation(RolloutRequest request) {
        return EvaluationRequestId.parse(request.getRequestId())
                .filter(id -> id.runId().equals(runId))
                .isPresent();
    }

    /** The ticket that a request {@link #ofThisRun of this run} was published for. */
    Ticket ticket(RolloutRequest request) {
        var metadata = request.getMetadata();
        return new Ticket(
                request.getRequestIndex(),
                Long.parseLong(metadata.get(RequestMarks.POSITION)),
                Integer.parseInt(metadata.get(RequestMarks.ATTEMPT)));
    }
}
