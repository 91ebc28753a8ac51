package dev.respec.model.sampling;

import com.fasterxml.jackson.databind.JsonNode;

/** A target and a drafter whose rows depend on the last token. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record MarkovPair(double[] targetStart, double[][] targetRows, double[] draftStart, double[][] draftRows) {
    static final int START = -1;

    static MarkovPair of(JsonNode example) {
        boolean drafted = example.has("draft_start");
        return new MarkovPair(
                SamplingGolden.row(example.get("target_start")),
                SamplingGolden.rows(example.get("target_transition")),
                drafted ? SamplingGolden.row(example.get("draft_start")) : new double[0],
                drafted ? SamplingGolden.rows(example.get("draft_transition")) : new double[0][]);
    }

    double[] target(int last) {
        return last == START ? targetStart : targetRows[last];
    }

    double[] draft(int last) {
        return last == START ? draftStart : draftRows[last];
    }
}
