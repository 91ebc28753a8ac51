package dev.respec.ops.audit;

import dev.respec.schemas.DrafterAlarm;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import java.util.Locale;

/** What people are told about a drafter that does not do its work, in one line each. */
public final class DrafterTrouble {
    private DrafterTrouble() {}

    /** An alarm of the controller. */
    public static String line(DrafterAlarm alarm) {
        return String.format(
                Locale.ROOT,
                "%s since %s: acceptance length %.2f, before %.2f%s",
                name(alarm),
                alarm.getRaisedAt(),
                alarm.getAcceptanceLength(),
                alarm.getAcceptanceLengthBefore(),
                alarm.getRestsUntil().equals(alarm.getRaisedAt()) ? "" : ", rests until " + alarm.getRestsUntil());
    }

    public static String name(DrafterAlarm alarm) {
        return "%s of drafter %s version %s".formatted(alarm.getAlarm(), alarm.getDrafter(), alarm.getDrafterVersion());
    }

    /** Whether a round of the learner trained in vain. Rounds of older versions do not say. */
    public static boolean isUnchanged(TrainingStep round) {
        return StepMetric.UNCHANGED.of(round) == 1;
    }

    public static String unchanged(long round) {
        return "round " + round + " of the learner changed no parameter of the drafter, so nothing was published:"
                + " see gradient_norm of the round, and lower learner.learning-rate if it is not finite";
    }
}
