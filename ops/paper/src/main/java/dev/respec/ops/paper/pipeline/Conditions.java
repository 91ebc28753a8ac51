package dev.respec.ops.paper.pipeline;

import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.trainer.admission.RequestMarks;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What runs of one seed have in common, whatever their arms are, as the run's own requests show it.
 *
 * @param build sources that the run was made by; "" where that is not known
 * @param prompts checksum of the prompts, answers and sampling parameters, in the order of the data, each once
 * @param seeds checksum of the seeds of the first step's requests; later ones depend on what is asked again
 */
public record Conditions(String build, String prompts, String seeds) {
    /**
     * Reads them from a run's requests.
     *
     * @param count prompts that the run's steps need: asynchronous arms have asked for more by their end
     * @param first prompts of the first step
     */
    static Conditions of(String build, List<RolloutRequest> requests, int count, int first) {
        TreeMap<Long, RolloutRequest> byPosition = new TreeMap<>(requests.stream()
                .filter(RequestMarks::areOn)
                .filter(request -> "0".equals(request.getMetadata().get(RequestMarks.ATTEMPT)))
                .collect(Collectors.toMap(Conditions::position, request -> request, (one, again) -> one)));
        return new Conditions(
                build,
                checksum(byPosition.headMap((long) count).values().stream()
                        .map(Conditions::question)
                        .toList()),
                checksum(byPosition.headMap((long) first).values().stream()
                        .map(request -> Long.toString(request.getSeed()))
                        .toList()));
    }

    private static long position(RolloutRequest request) {
        return Long.parseLong(request.getMetadata().get(RequestMarks.POSITION));
    }

    private static String question(RolloutRequest request) {
        SamplingParameters sampling = request.getSampling();
        return String.join(
                "\n",
                request.getPromptId(),
                request.getPrompt(),
                request.getAnswer(),
                Integer.toString(request.getGroupSize()),
                sampling.getTemperature() + " " + sampling.getTopP() + " " + sampling.getTopK() + " "
                        + sampling.getMaxTokens());
    }

    private static String checksum(List<String> texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                digest.update(text.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What two runs of one seed differ in beside their arms, if anything; a run of an older build may not know. */
    static Optional<String> difference(RunMeasurements one, RunMeasurements other) {
        Conditions mine = one.conditions();
        Conditions theirs = other.conditions();
        if (mine == null || theirs == null) {
            return Optional.empty();
        }
        String what = !mine.prompts.equals(theirs.prompts)
                ? "prompts"
                : !mine.seeds.equals(theirs.seeds) ? "seeds" : mine.build.equals(theirs.build) ? "" : "builds";
        return what.isEmpty()
                ? Optional.empty()
                : Optional.of("seed %d: %s and %s had other %s, so their difference is not that of their arms"
                        .formatted(one.seed(), one.arm(), other.arm(), what));
    }

    /** Of all runs: each is compared with the first run of its seed. */
    static List<String> differences(List<RunMeasurements> runs) {
        return runs.stream()
                .sorted(Comparator.comparingInt(RunMeasurements::seed))
                .flatMap(run -> runs.stream()
                        .filter(first -> first.seed() == run.seed() && first.conditions() != null)
                        .findFirst()
                        .flatMap(first -> difference(first, run))
                        .stream())
                .toList();
    }
}
