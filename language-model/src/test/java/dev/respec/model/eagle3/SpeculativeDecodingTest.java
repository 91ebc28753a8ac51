package dev.respec.model.eagle3;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.respec.model.TargetModel;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.ChainLimit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Target and drafter together, over features of the target's own cache. */
class SpeculativeDecodingTest {
    private static final int CAPACITY = 64;

    @ParameterizedTest
    @CsvSource({"drafter-embed,1", "drafter-embed,4", "drafter-noembed,3"})
    void shouldEmitTheTargetsGreedyTokensAndAcceptSomeDrafts(String name, int draftLength) {
        var golden = Eagle3Golden.of(name);
        int[] prefix = golden.ints("prefix_ids");
        int[] expected = golden.ints("decode.output_ids");
        var config = golden.target().config();
        int[] layers = golden.drafter().config().featureLayers(config);
        try (var target = TargetModel.load(golden.target(), 1, CAPACITY, ComputeType.FLOAT32, layers);
                var drafter =
                        Eagle3Drafter.load(golden.drafter(), golden.embeddings(), ComputeType.FLOAT32, 1, CAPACITY)) {
            // Given
            var output = new ArrayList<Integer>();
            Arrays.stream(prefix).forEach(output::add);
            Logits logits = step(target, 0, prefix);
            output.add(argmax(logits.row(prefix.length - 1)));
            int accepted = 0;
            // When
            while (output.size() < expected.length) {
                int[] draft = draft(target, drafter, output, draftLength);
                int[] verified = new int[draftLength + 1];
                verified[0] = output.get(output.size() - 1);
                System.arraycopy(draft, 0, verified, 1, draftLength);
                logits = step(target, output.size() - 1, verified);
                int matching = 0;
                while (matching < draftLength && argmax(logits.row(matching)) == draft[matching]) {
                    output.add(draft[matching++]);
                }
                output.add(argmax(logits.row(matching)));
                accepted += matching;
            }
            // Then
            assertThat(output.subList(0, expected.length))
                    .containsExactly(Arrays.stream(expected).boxed().toArray(Integer[]::new));
            assertThat(accepted).isPositive();
        }
    }

    private static int[] draft(TargetModel target, Eagle3Drafter drafter, List<Integer> output, int draftLength) {
        int from = drafter.length(0);
        int count = output.size() - 1 - from;
        long[] slots = new long[count];
        long[] positions = new long[count];
        int[] next = new int[count];
        for (int i = 0; i < count; i++) {
            positions[i] = from + i;
            next[i] = output.get(from + i + 1);
        }
        try (NDManager scope = target.manager().newSubManager()) {
            Features features = target.features(scope, slots, positions);
            return drafter.extendAndDraft(
                            features,
                            0,
                            List.of(new Extension(0, next)),
                            draftLength,
                            0,
                            new double[0],
                            ChainLimit.NONE)
                    .tokens();
        }
    }

    private static Logits step(TargetModel target, int start, int[] tokens) {
        var grid = new TokenGrid();
        grid.begin(start);
        grid.add(tokens, 0, tokens.length);
        return target.step(0, grid);
    }

    private static int argmax(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }
}
