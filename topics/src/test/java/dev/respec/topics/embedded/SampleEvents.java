package dev.respec.topics.embedded;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.time.Instant;
import java.util.List;

/** Events that the tests of several modules send. A test sets the fields that it is about. */
public final class SampleEvents {
    private SampleEvents() {}

    /** A request of {@code run} for eight samples, admitted at the epoch. */
    public static RolloutRequest.Builder request(String requestId, int index) {
        return RolloutRequest.newBuilder()
                .setRunId("run")
                .setRequestId(requestId)
                .setRequestIndex(index)
                .setPromptId("p")
                .setPrompt("1+1=")
                .setGroupSize(8)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 64))
                .setSeed(5)
                .setTask("arithmetic")
                .setAnswer("2")
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.EPOCH);
    }

    /** A version of the policy made by the step of its number, published at the epoch. */
    public static WeightUpdate.Builder policyUpdate(String runId, long version, String uri, List<ArtefactFile> files) {
        return WeightUpdate.newBuilder()
                .setRunId(runId)
                .setRole(WeightRole.POLICY)
                .setVersion(version)
                .setBaseVersion(version - 1)
                .setFormat(WeightFormat.FULL)
                .setUri(uri)
                .setFiles(files)
                .setStep(version)
                .setPolicyVersion(version)
                .setSourceOffsets(List.of())
                .setPublishedAt(Instant.EPOCH);
    }
}
