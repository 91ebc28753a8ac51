package dev.respec.model.suffix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.respec.model.suffix.SuffixGolden.Expected;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SuffixTreeTest {
    static Stream<JsonNode> trees() {
        return SuffixGolden.cases("suffix/suffix_tree.json");
    }

    @ParameterizedTest
    @MethodSource("trees")
    void shouldDraftWhatArcticInferenceDrafts(JsonNode example) {
        var tree = new SuffixTree(example.get("max_depth").intValue());
        var sequences = new HashMap<Integer, SuffixTree.Sequence>();
        for (var step : example.get("steps")) {
            switch (step.get("op").asText()) {
                case "extend" -> {
                    var tokens = SuffixGolden.tokens(step.get("tokens"));
                    var sequence = sequences.computeIfAbsent(step.get("seq_id").intValue(), id -> tree.open());
                    tree.append(sequence, tokens, 0, tokens.length);
                }
                case "remove" -> {
                    var sequence = sequences.remove(step.get("seq_id").intValue());
                    tree.remove(Objects.requireNonNull(sequence));
                }
                default -> assertSpeculates(tree, step);
            }
        }
    }

    private static void assertSpeculates(SuffixTree tree, JsonNode step) {
        var context = SuffixGolden.tokens(step.get("context"));
        var params = step.get("params");
        var draft = SuffixGolden.speculate(tree, context, 0, context.length, params);
        var expected = Expected.of(step);
        expected.assertMatches(draft);
    }

    /** Every count that shows in a draft, against counting occurrences one by one. */
    @Test
    void shouldCountOccurrencesOfInterleavedAndRemovedSequences() {
        long seed = Long.getLong("respec.seed", 11);
        var random = new SplittableRandom(seed);
        var tree = new SuffixTree(64);
        var texts = new ArrayList<List<Integer>>();
        var sequences = new ArrayList<SuffixTree.Sequence>();
        for (int step = 0; step < 6000; step++) {
            if (sequences.size() < 12) {
                texts.add(new ArrayList<>());
                sequences.add(tree.open());
            }
            int index = random.nextInt(sequences.size());
            if (random.nextInt(300) == 0) {
                tree.remove(sequences.remove(index));
                texts.remove(index);
                continue;
            }
            int token = random.nextInt(3);
            tree.append(sequences.get(index), new int[] {token}, 0, 1);
            texts.get(index).add(token);
            if (step % 20 == 0) {
                assertProbabilities(tree, texts, random, seed);
            }
        }
    }

    private static void assertProbabilities(
            SuffixTree tree, List<List<Integer>> texts, SplittableRandom random, long seed) {
        var context = new int[1 + random.nextInt(6)];
        for (int i = 0; i < context.length; i++) {
            context[i] = random.nextInt(3);
        }
        var options = new SuffixOptions(2, 0, 0);
        var draft = tree.speculate(context, 0, context.length, 8, options);
        var path = new ArrayList<Integer>();
        for (int i = context.length - draft.matchLength(); i < context.length; i++) {
            path.add(context[i]);
        }
        long matched = occurrences(texts, path);
        for (int node = 0; node < draft.count(); node++) {
            path.add(draft.token(node));
            assertThat((double) draft.probability(node))
                    .as("seed %d", seed)
                    .isCloseTo(occurrences(texts, path) / (double) matched, within(1e-5));
        }
    }

    private static long occurrences(List<List<Integer>> texts, List<Integer> string) {
        long count = 0;
        for (var text : texts) {
            for (int start = 0; start + string.size() <= text.size(); start++) {
                if (text.subList(start, start + string.size()).equals(string)) {
                    count++;
                }
            }
        }
        return count;
    }

    @Test
    void shouldGiveBackWhatRemovedSequencesOccupied() {
        var tree = new SuffixTree(16);
        var tokens = new SplittableRandom(5).ints(500, 0, 40).toArray();
        for (int round = 0; round < 50; round++) {
            var sequence = tree.open();
            tree.append(sequence, tokens, 0, tokens.length);
            tree.remove(sequence);
            tree.remove(sequence);
        }

        assertThat(tree.tokens()).isLessThanOrEqualTo(1024);
        assertThat(tree.speculate(tokens, 0, 20, 8, SuffixOptions.DEFAULT).count())
                .isZero();
    }

    @Test
    void shouldKeepGrowingSequencesAcrossReclaiming() {
        var tree = new SuffixTree(16);
        var kept = tree.open();
        tree.append(kept, new int[] {1, 2, 3, 4}, 0, 4);
        var removed = tree.open();
        tree.append(removed, new SplittableRandom(5).ints(3000, 10, 40).toArray(), 0, 3000);
        tree.remove(removed);
        tree.append(kept, new int[] {5, 6}, 0, 2);

        var draft = tree.speculate(new int[] {9, 3, 4}, 0, 3, 8, SuffixOptions.DEFAULT);

        assertThat(tree.tokens()).isEqualTo(6);
        assertThat(List.of(draft.token(0), draft.token(1))).containsExactly(5, 6);
    }

    @Test
    void shouldRefuseToGrowRemovedSequence() {
        var tree = new SuffixTree(16);
        var sequence = tree.open();
        tree.remove(sequence);

        assertThatThrownBy(() -> tree.append(sequence, new int[] {1}, 0, 1)).isInstanceOf(IllegalStateException.class);
    }
}
