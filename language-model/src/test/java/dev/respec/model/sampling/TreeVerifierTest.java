package dev.respec.model.sampling;

import static dev.respec.model.sampling.SamplingGolden.PLAIN;
import static dev.respec.model.sampling.SamplingGolden.VOCABULARY;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.model.sampling.SamplingGolden.Frequencies;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TreeVerifierTest {
    private static final int RUNS = 100_000;

    private final TreeVerifier verifier = new TreeVerifier(VOCABULARY);
    private final RandomStream random = new SplittableRandomStream(SamplingGolden.seed(), 2);

    static Stream<JsonNode> fixedTrees() {
        return SamplingGolden.cases("spec-sampling/tree.json");
    }

    @ParameterizedTest
    @MethodSource("fixedTrees")
    void shouldEmitEveryOutcomeWithItsProbability(JsonNode example) {
        var model = MarkovPair.of(example);
        var tree = new Tree();
        var level = new ArrayList<Integer>();
        for (int token : SamplingGolden.tokens(example.get("root_children"))) {
            level.add(tree.add(token, 0));
        }
        for (int node : level) {
            var children = example.get("grandchildren").get(String.valueOf(tree.tokens.get(node)));
            for (int token : SamplingGolden.tokens(children)) {
                tree.add(token, node);
            }
        }
        var frequencies = new Frequencies();
        for (int run = 0; run < RUNS; run++) {
            frequencies.add(verify(tree, model));
        }
        var expected = SamplingGolden.outcomes(example.get("outcomes"));
        assertThat(frequencies.totalVariation(expected))
                .as("seed %d", SamplingGolden.seed())
                .isLessThan(frequencies.bound(expected));
    }

    @Test
    void shouldEmitWhatPlainDecodingDrawsWhateverTheTree() {
        var model = MarkovPair.of(SamplingGolden.oneCase("spec-sampling/tree.json", "det-3x2"));
        var treeRandom = new SplittableRandomStream(9, 9);
        var plainRandom = new SplittableRandomStream(9, 9);
        var plain = new ChainVerifier(VOCABULARY);
        int last = MarkovPair.START;
        for (int round = 0; round < 100; round++) {
            var tree = new Tree();
            tree.tokens.set(0, last);
            for (int token = 0; token < 5; token++) {
                tree.add((token * 3) % VOCABULARY, tree.add(token, 0));
            }
            var verdict = verifier.verify(
                    tree.logits(model), 0, tree.tokenArray(), tree.parentArray(), tree.size(), PLAIN, treeRandom);
            for (int i = 0; i < verdict.count(); i++) {
                var row = SamplingGolden.logits(model.target(last));
                last = plain.verify(row, 0, new int[0], 0, null, PLAIN, plainRandom)
                        .token(0);
                assertThat(verdict.token(i)).isEqualTo(last);
            }
        }
    }

    @Test
    void shouldNameTheAcceptedPath() {
        // Given a root with children 1, 2 and under 2 the children 3, 4
        int[] tokens = {0, 1, 2, 3, 4};
        int[] parents = {-1, 0, 0, 2, 2};
        var logits = SamplingGolden.logits(oneHot(2), oneHot(7), oneHot(4), oneHot(7), oneHot(5));

        var verdict = verifier.verify(logits, 0, tokens, parents, 5, SamplingOptions.greedy(), random);

        assertThat(verdict.tokens()).containsExactly(2, 4, 5);
        assertThat(verdict.acceptedDraftTokens()).isEqualTo(2);
        assertThat(List.of(verdict.node(0), verdict.node(1))).containsExactly(2, 4);
    }

    private Verdict verify(Tree tree, MarkovPair model) {
        return verifier.verify(
                tree.logits(model), 0, tree.tokenArray(), tree.parentArray(), tree.size(), PLAIN, random);
    }

    private static double[] oneHot(int token) {
        var row = new double[VOCABULARY];
        row[token] = 1;
        return row;
    }

    private static final class Tree {
        final List<Integer> tokens = new ArrayList<>(List.of(MarkovPair.START));
        final List<Integer> parents = new ArrayList<>(List.of(-1));

        int add(int token, int parent) {
            tokens.add(token);
            parents.add(parent);
            return tokens.size() - 1;
        }

        int size() {
            return tokens.size();
        }

        int[] tokenArray() {
            return tokens.stream().mapToInt(Integer::intValue).toArray();
        }

        int[] parentArray() {
            return parents.stream().mapToInt(Integer::intValue).toArray();
        }

        float[] logits(MarkovPair model) {
            return SamplingGolden.logits(tokens.stream().map(model::target).toArray(double[][]::new));
        }
    }
}
