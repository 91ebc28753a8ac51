package dev.respec.ops.ui;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.respec.model.TextTokenizer;
import dev.respec.stage.BadInputException;
import java.util.Map;
import java.util.Optional;

/** Where a run is, and what is known of it besides its tables. */
interface RunHome {
    /** As the page shows it: a folder, or the address of a cluster. */
    String place();

    /**
     * Empty if there is no run.
     *
     * @throws BadInputException if what is there cannot be read
     */
    Optional<String> runId();

    /** {@code run}, {@code steps}, {@code seed}, {@code started}, {@code wall_seconds}, {@code going_on}, {@code finished}. */
    void describe(ObjectNode state, ArrayNode workers);

    /** The processes of the run, as far as they are known here. */
    ArrayNode processes();

    /** What the run ended with; null if it is not over. */
    JsonNode summary();

    /** The configuration that the run was started with; empty if it is not known. */
    Optional<Map<String, String>> settings();

    /** Of the run's policy; empty if it is not at hand. */
    Optional<TextTokenizer> tokenizer();
}
