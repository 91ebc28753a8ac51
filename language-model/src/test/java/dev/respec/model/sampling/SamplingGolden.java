package dev.respec.model.sampling;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.Golden;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Cases of golden/spec-sampling, and rows of probabilities as logits. */
final class SamplingGolden {
    static final int VOCABULARY = 8;
    static final SamplingOptions PLAIN = SamplingOptions.atTemperature(1);

    private SamplingGolden() {}

    static Stream<JsonNode> cases(String file) {
        return StreamSupport.stream(read(file).get("cases").spliterator(), false);
    }

    static JsonNode oneCase(String file, String id) {
        return cases(file)
                .filter(example -> example.get("id").asText().equals(id))
                .findFirst()
                .orElseThrow();
    }

    static JsonNode read(String file) {
        try {
            return new JsonMapper().readTree(Golden.path(file).toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static double[] row(JsonNode node) {
        var row = new double[node.size()];
        for (int i = 0; i < row.length; i++) {
            row[i] = node.get(i).doubleValue();
        }
        return row;
    }

    static double[][] rows(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .map(SamplingGolden::row)
                .toArray(double[][]::new);
    }

    static int[] tokens(JsonNode node) {
        var tokens = new int[node.size()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = node.get(i).intValue();
        }
        return tokens;
    }

    /** Rows of probabilities as one flat array of logits, -infinity for 0. */
    static float[] logits(double[]... rows) {
        var logits = new float[rows.length * VOCABULARY];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) Math.log(rows[i / VOCABULARY][i % VOCABULARY]);
        }
        return logits;
    }

    static float[] floats(double[]... rows) {
        var flat = new float[rows.length * VOCABULARY];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) rows[i / VOCABULARY][i % VOCABULARY];
        }
        return flat;
    }

    static DraftDistributions distributions(double[]... rows) {
        return new DraftDistributions(floats(rows), DraftVocabulary.identity(VOCABULARY));
    }

    static int sample(double[] row, RandomStream random) {
        double u = random.nextDouble();
        for (int token = 0; token < row.length - 1; token++) {
            u -= row[token];
            if (u < 0) {
                return token;
            }
        }
        return row.length - 1;
    }

    static int argmax(double[] row) {
        int best = 0;
        for (int token = 1; token < row.length; token++) {
            best = row[token] > row[best] ? token : best;
        }
        return best;
    }

    /** Frequencies of whole outputs. */
    static final class Frequencies {
        private final Map<List<Integer>, Integer> counts = new HashMap<>();
        private int runs;

        void add(Verdict verdict) {
            var tokens = new ArrayList<Integer>();
            for (int i = 0; i < verdict.count(); i++) {
                tokens.add(verdict.token(i));
            }
            add(tokens);
        }

        void add(List<Integer> outcome) {
            counts.merge(outcome, 1, Integer::sum);
            runs++;
        }

        /** Half the sum of |frequency - probability|, outcomes that have no probability included. */
        double totalVariation(Map<List<Integer>, Double> expected) {
            double sum = 0;
            for (var entry : expected.entrySet()) {
                sum += Math.abs(counts.getOrDefault(entry.getKey(), 0) / (double) runs - entry.getValue());
            }
            for (var entry : counts.entrySet()) {
                sum += expected.containsKey(entry.getKey()) ? 0 : entry.getValue() / (double) runs;
            }
            return sum / 2;
        }

        /** Three times what sampling noise gives a correct implementation. */
        double bound(Map<List<Integer>, Double> expected) {
            return 3 * 0.4 * Math.sqrt(expected.size() / (double) runs);
        }
    }

    static Map<List<Integer>, Double> outcomes(JsonNode node) {
        var outcomes = new HashMap<List<Integer>, Double>();
        for (var outcome : node) {
            outcomes.put(
                    list(tokens(outcome.get("tokens"))), outcome.get("prob").doubleValue());
        }
        return outcomes;
    }

    /** A nested array [8][8]... of joint probabilities as outcomes. */
    static Map<List<Integer>, Double> joint(JsonNode node) {
        var outcomes = new HashMap<List<Integer>, Double>();
        collect(node, List.of(), outcomes);
        return outcomes;
    }

    private static void collect(JsonNode node, List<Integer> prefix, Map<List<Integer>, Double> outcomes) {
        if (!node.isArray()) {
            outcomes.put(prefix, node.doubleValue());
            return;
        }
        for (int token = 0; token < node.size(); token++) {
            var extended = new ArrayList<>(prefix);
            extended.add(token);
            collect(node.get(token), extended, outcomes);
        }
    }

    static List<Integer> list(int[] tokens) {
        var list = new ArrayList<Integer>();
        for (int token : tokens) {
            list.add(token);
        }
        return list;
    }

    /** The seed of a random test: -Drespec.seed=…, printed by the assertion that uses it. */
    static long seed() {
        return Long.getLong("respec.seed", 20_260_101);
    }
}
