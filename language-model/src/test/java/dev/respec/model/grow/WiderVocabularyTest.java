package dev.respec.model.grow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.model.Golden;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Public models with more tokens against the same models without. */
class WiderVocabularyTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    /** Tied and untied, with biases, with norms of heads. */
    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, 96, 7, 12, 4, 160",
        "qwen2-tiny-untied, 64, 3, 12, 6, 96",
        "qwen3-tiny, 100, 6, 6, 6, 81",
        "llama-tiny, 60, 9, 16, 4, 120"
    })
    void shouldNeverDrawTheTokensOfAWiderVocabulary(
            String name, int hidden, int layers, int heads, int keyHeads, int ffn) {
        // Given
        Checkpoint before = Checkpoint.read(Golden.path("hf-models/" + name));
        int old = before.config().vocabularySize();
        var shape = new GrowthShape(hidden, layers, heads, keyHeads, ffn);
        // When
        Checkpoint after = WiderVocabulary.of(Growth.to(before, shape), before.config(), 1000);
        // Then
        assertThat(after.config().vocabularySize()).isEqualTo(1000);
        GrowthCheck check = GrowthCheck.between(new GrowthCheck.Pair(before, null), new GrowthCheck.Pair(after, null));
        assertThat(check.sameTokens()).as(check.toString()).isEqualTo(check.tokens());
        assertThat(check.sameDrafts()).as(check.toString()).isEqualTo(check.drafts());
        assertThat(check.largestDifference()).isLessThan(1e-4);
        try (var model = TargetModel.load(after, 1, 8, ComputeType.FLOAT32, new int[0])) {
            var grid = new TokenGrid();
            grid.begin(0);
            grid.add(new int[] {3, 1, 4, 1, 5, 9, 2, 6}, 0, 8);
            Logits logits = model.step(0, grid);
            for (int row = 0; row < 8; row++) {
                float[] values = logits.row(row);
                float largest = Float.NEGATIVE_INFINITY;
                for (int token = 0; token < old; token++) {
                    largest = Math.max(largest, values[token]);
                }
                for (int token = old; token < 1000; token++) {
                    assertThat(values[token] - largest).isLessThan(-45);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldKeepTheDraftsWithAWiderVocabulary(String name) {
        Checkpoint target = Checkpoint.read(Golden.path("eagle3/target"));
        Eagle3Checkpoint drafter = Eagle3Checkpoint.read(Golden.path("eagle3/" + name));
        var shape = new GrowthShape(72, 13, 12, 6, 100);
        Checkpoint wideTarget = WiderVocabulary.of(Growth.to(target, shape), target.config(), 777);
        Eagle3Checkpoint wideDrafter = WiderVocabulary.of(Growth.drafterTo(drafter, target.config(), shape), 777);
        wideDrafter.requireFits(wideTarget.config());
        assertThat(wideDrafter.targetIds()).isEqualTo(drafter.targetIds());
        GrowthCheck check = GrowthCheck.between(
                new GrowthCheck.Pair(target, drafter), new GrowthCheck.Pair(wideTarget, wideDrafter));
        assertThat(check.sameTokens()).as(check.toString()).isEqualTo(check.tokens());
        assertThat(check.sameDrafts()).as(check.toString()).isEqualTo(check.drafts());
        wideTarget.write(folder.resolve("policy"), ElementType.BFLOAT16);
        wideDrafter.write(folder.resolve("drafter"), ElementType.BFLOAT16);
        Eagle3Checkpoint.read(folder.resolve("drafter"))
                .requireFits(Checkpoint.read(folder.resolve("policy")).config());
    }

    @Test
    void shouldRefuseAVocabularyThatShrinksOrHasNoPlace() {
        Checkpoint before = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        ModelConfig config = before.config();
        assertThatThrownBy(() -> WiderVocabulary.of(before, config, config.vocabularySize() - 1))
                .isInstanceOf(GrowthException.class)
                .hasMessageStartingWith("vocabulary: the model has " + config.vocabularySize());
        assertThatThrownBy(() -> WiderVocabulary.of(before, config, 1000))
                .isInstanceOf(GrowthException.class)
                .hasMessageContaining("hidden");
    }
}
