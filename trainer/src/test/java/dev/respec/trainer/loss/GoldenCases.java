package dev.respec.trainer.loss;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads golden/grpo, whose README says where the values come from. */
final class GoldenCases {
    static final List<String> BATCHES = List.of("binary-rewards", "holes-and-empty-row", "zero-variance-group");

    private GoldenCases() {}

    static JsonNode batch(String name) {
        var resource = "/golden/grpo/" + name + ".json";
        try (var stream = Objects.requireNonNull(GoldenCases.class.getResourceAsStream(resource), resource)) {
            return new ObjectMapper().readTree(stream);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static double[] row(JsonNode values) {
        var row = new double[values.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = values.get(i).asDouble();
        }
        return row;
    }

    static boolean[] mask(JsonNode values) {
        var row = new boolean[values.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = values.get(i).asInt() == 1;
        }
        return row;
    }

    static int[] maskCounts(JsonNode rows) {
        var counts = new ArrayList<Integer>();
        for (var row : rows) {
            var count = 0;
            for (var token : row) {
                count += token.asInt();
            }
            counts.add(count);
        }
        return counts.stream().mapToInt(Integer::intValue).toArray();
    }
}
