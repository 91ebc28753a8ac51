package dev.respec.ops.ui;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.ops.replay.RunDatabase;
import java.util.List;
import java.util.Optional;

/** One rollout with its tokens, and the others of its group. */
final class RolloutView {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Nothing is trained on an evaluation, so its advantage means nothing. */
    static final String ADVANTAGE = "CASE WHEN purpose = 'TRAINING' THEN advantage END";
    /** Which requests each step of training used, and each evaluation after it. */
    static final String USES = """
            (SELECT step, request_ids FROM steps WHERE role = 'POLICY'
              UNION ALL SELECT step, request_ids FROM evaluations)""";

    private static final String ROLLOUT = """
            SELECT * EXCLUDE (prompt_tokens, missing_samples) REPLACE (%s AS advantage),
              (verify_steps + accepted_draft_tokens) / nullif(verify_steps, 0) AS acceptance_length
            FROM scores WHERE rollout_id = ? LIMIT 1
            """.formatted(ADVANTAGE);
    private static final String GROUP = """
            SELECT DISTINCT ON (rollout_id) rollout_id, sample_index, reward, %s AS advantage, response_length, finish_reason,
              left(response, 400) AS response
            FROM scores WHERE request_id = ? AND rollout_id IS NOT NULL ORDER BY sample_index
            """.formatted(ADVANTAGE);
    private static final String STEP =
            "SELECT step FROM %s WHERE list_contains(request_ids, ?) LIMIT 1".formatted(USES);

    private RolloutView() {}

    /** Empty if the run has no such rollout. */
    static Optional<String> of(RunDatabase database, RunTokens tokens, String rolloutId) {
        List<String> found = database.rows(ROLLOUT, List.of(rolloutId));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            ObjectNode rollout = (ObjectNode) JSON.readTree(found.get(0));
            String request = rollout.path("request_id").asText();
            ArrayNode pieces = rollout.putArray("pieces");
            for (JsonNode token : rollout.path("response_tokens")) {
                pieces.add(tokens.piece(token.asInt()));
            }
            ArrayNode group = rollout.putArray("group");
            for (String sibling : database.rows(GROUP, List.of(request))) {
                group.add(JSON.readTree(sibling));
            }
            for (String step : database.rows(STEP, List.of(request))) {
                rollout.set("step", JSON.readTree(step).path("step"));
            }
            return Optional.of(JSON.writeValueAsString(rollout));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
