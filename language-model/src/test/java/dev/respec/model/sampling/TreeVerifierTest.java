package dev.respec.model.sampling;

import static dev.respec.model.sampling.SamplingGolden.PLAIN;
import static dev.respec.model.sampling.SamplingGolden.VOCABULARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
        return SamplingGolden.cases("spec-sampling/tree.json").filter(example -> example.has("outcomes"));
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
        boolean sampled = example.get("kind").asText().startsWith("sampled");
        var frequencies = new Frequencies();
        for (int run = 0; run < RUNS; run++) {
            frequencies.add(verify(tree, model, sampled));
        }
        var expected = SamplingGolden.outcomes(example.get("outcomes"));
        assertThat(frequencies.totalVariation(expected))
                .as("seed %d", SamplingGolden.seed())
                .isLessThan(frequencies.bound(expected));
    }

    @Test
    void shouldNotChangeTheTargetsJointDistributionWhenSiblingsAreSampled() {
        var example = SamplingGolden.oneCase("spec-sampling/tree.json", "sampled-marginal-2x2");
        var model = MarkovPair.of(example);
        var joint = new Frequencies();
        var lengths = new double[3];
        for (int run = 0; run < RUNS; run++) {
            var tokens = new ArrayList<Integer>();
            while (tokens.size() < 3) {
                int last = tokens.isEmpty() ? MarkovPair.START : tokens.get(tokens.size() - 1);
                var verdict = verify(draw(model, last), model, true);
                if (tokens.isEmpty()) {
                    lengths[verdict.acceptedDraftTokens()] += 1.0 / RUNS;
                }
                tokens.addAll(SamplingGolden.list(verdict.tokens()));
            }
            joint.add(List.copyOf(tokens.subList(0, 3)));
        }
        var expected = SamplingGolden.joint(example.get("first3_joint"));
        assertThat(joint.totalVariation(expected))
                .as("seed %d", SamplingGolden.seed())
                .isLessThan(joint.bound(expected));
        assertThat(lengths).containsExactly(SamplingGolden.row(example.get("emitted_length_prob")), within(0.01));
    }

    /** Two children of the root and two of each, drawn without replacement. */
    private Tree draw(MarkovPair model, int last) {
        var tree = new Tree();
        tree.tokens.set(0, last);
        for (int token : drawTwo(model.draft(last))) {
            int node = tree.add(token, 0);
            for (int child : drawTwo(model.draft(token))) {
                tree.add(child, node);
            }
        }
        return tree;
    }

    private int[] drawTwo(double[] row) {
        var distribution = new TokenDistribution(VOCABULARY);
        distribution.loadProbabilities(row);
        int first = distribution.sample(random.nextDouble());
        distribution.remove(first);
        return new int[] {first, distribution.sample(random.nextDouble())};
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
                    tree.logits(model), 0, tree.tokenArray(), tree.parentArray(), tree.size(), null, PLAIN, treeRandom);
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

        var verdict = verifier.verify(logits, 0, tokens, parents, 5, null, SamplingOptions.greedy(), random);

        assertThat(verdict.tokens()).containsExactly(2, 4, 5);
        assertThat(verdict.acceptedDraftTokens()).isEqualTo(2);
        assertThat(List.of(verdict.node(0), verdict.node(1))).containsExactly(2, 4);
    }

    @Test
    void shouldRefuseSiblingsDrawnWithReplacement() {
        int[] tokens = {0, 1, 1};
        int[] parents = {-1, 0, 0};
        double[] p = {.9, .1, 0, 0, 0, 0, 0, 0};
        double[] q = {.1, .9, 0, 0, 0, 0, 0, 0};
        var logits = SamplingGolden.logits(p, p, p);

        assertThatThrownBy(() -> verifier.verify(
                        logits, 0, tokens, parents, 3, SamplingGolden.distributions(q, q, q), PLAIN, () -> 0.99))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("already drawn");
    }

    private Verdict verify(Tree tree, MarkovPair model, boolean sampled) {
        var q = sampled ? tree.draftDistributions(model) : null;
        return verifier.verify(
                tree.logits(model), 0, tree.tokenArray(), tree.parentArray(), tree.size(), q, PLAIN, random);
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

        DraftDistributions draftDistributions(MarkovPair model) {
            return SamplingGolden.distributions(
                    tokens.stream().map(model::draft).toArray(double[][]::new));
        }
    }
}
