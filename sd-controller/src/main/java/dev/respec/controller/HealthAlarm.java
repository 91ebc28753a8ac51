package dev.respec.controller;

import dev.respec.schemas.DrafterAlarm;
import dev.respec.speculation.Setting.Family;
import java.time.Instant;
import java.util.Locale;

/**
 * Something is wrong with a drafter.
 *
 * @param version of its weights
 * @param acceptanceLength expected tokens per verify step when the alarm was raised
 * @param before what it was before; 0 if unknown
 * @param raisedAt milliseconds since the epoch
 * @param restsUntil the same; raisedAt if it does not rest
 */
record HealthAlarm(
        Family family,
        long version,
        Kind kind,
        double acceptanceLength,
        double before,
        long raisedAt,
        long restsUntil) {
    enum Kind {
        /** Hardly any draft is accepted: wiped, permuted or wrong weights look like this, with no error anywhere. */
        COLLAPSE,
        /** Acceptance fell far below the best of the run, step by step. */
        DECLINE;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    String drafter() {
        return family.drafter();
    }

    static HealthAlarm of(DrafterAlarm alarm) {
        return new HealthAlarm(
                new Family(alarm.getDrafter(), alarm.getBranching(), alarm.getTreeTokens()),
                alarm.getDrafterVersion(),
                Kind.valueOf(alarm.getAlarm().toUpperCase(Locale.ROOT)),
                alarm.getAcceptanceLength(),
                alarm.getAcceptanceLengthBefore(),
                alarm.getRaisedAt().toEpochMilli(),
                alarm.getRestsUntil().toEpochMilli());
    }

    DrafterAlarm toAvro() {
        return new DrafterAlarm(
                drafter(),
                family.branching(),
                family.treeTokens(),
                version,
                kind.text(),
                acceptanceLength,
                before,
                Instant.ofEpochMilli(raisedAt),
                Instant.ofEpochMilli(restsUntil));
    }
}
