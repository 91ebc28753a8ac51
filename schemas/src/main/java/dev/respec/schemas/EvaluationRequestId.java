package dev.respec.schemas;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Id of a request that evaluates a policy: {@code <run>/evaluation/<step>/<data set>/<mode>/<prompt>/<attempt>}. It is a
 * function of what is asked, so that a repeat is recognisable, and has the form of no request for training.
 *
 * @param step training steps done
 * @param dataSet name of the data set, of the form {@link #DATA_SET}
 * @param prompt place in the data set, from 0
 * @param attempt 0 at first; a prompt that is asked again gets a new id, because the scorer drops repeats of the old one
 */
public record EvaluationRequestId(
        String runId, long step, String dataSet, EvaluationMode mode, int prompt, int attempt) {
    /** Form of a data set's name. */
    public static final Pattern DATA_SET = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

    private static final Pattern FORM = Pattern.compile(
            "(.+)/evaluation/(\\d{1,18})/(%s)/(greedy|sampled)/(\\d{1,9})/(\\d{1,9})".formatted(DATA_SET));

    public EvaluationRequestId {
        if (step < 0 || prompt < 0 || attempt < 0 || !DATA_SET.matcher(dataSet).matches()) {
            throw new IllegalArgumentException("no evaluation of step %d, data set '%s', prompt %d, attempt %d"
                    .formatted(step, dataSet, prompt, attempt));
        }
    }

    /** Reads an id; empty for requests of other kinds. */
    public static Optional<EvaluationRequestId> parse(String requestId) {
        var match = FORM.matcher(requestId);
        return match.matches()
                ? Optional.of(new EvaluationRequestId(
                        match.group(1),
                        Long.parseLong(match.group(2)),
                        match.group(3),
                        EvaluationMode.valueOf(match.group(4).toUpperCase(Locale.ROOT)),
                        Integer.parseInt(match.group(5)),
                        Integer.parseInt(match.group(6))))
                : Optional.empty();
    }

    /** Whether the request is for an evaluation of a policy, and its rollouts are not to be learned from. */
    public static boolean isIn(String requestId) {
        return FORM.matcher(requestId).matches();
    }

    /** Whether nothing may learn from the rollout: older workers drop the purpose, but keep the id. */
    public static boolean isOn(Rollout rollout) {
        return rollout.getPurpose() == RolloutPurpose.EVALUATION || isIn(rollout.getRequestId());
    }

    /** The same question asked once more. */
    public EvaluationRequestId again() {
        return new EvaluationRequestId(runId, step, dataSet, mode, prompt, attempt + 1);
    }

    /** Text that {@link #parse} reads. */
    public String text() {
        return "%s/evaluation/%d/%s/%s/%d/%d"
                .formatted(runId, step, dataSet, mode.name().toLowerCase(Locale.ROOT), prompt, attempt);
    }
}
