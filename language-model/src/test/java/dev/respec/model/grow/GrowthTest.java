package dev.respec.model.grow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.Golden;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.checkpoint.Safetensors;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Grown models against what transformers computed for the models before they grew, see golden/hf-models. */
class GrowthTest {
    private static final int CAPACITY = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        // hidden, layers, heads, key heads, ffn: more of each, at ratios of heads that are kept, smaller and larger
        "qwen2-old-config, 56, 5, 8, 4, 64",
        "qwen2-tiny, 96, 7, 12, 4, 160",
        "qwen2-tiny, 50, 4, 8, 8, 80",
        "qwen2-tiny-untied, 64, 3, 12, 6, 96",
        "qwen3-tiny, 100, 6, 6, 6, 81",
        "qwen3-sharded, 72, 5, 12, 3, 64",
        "llama-tiny, 60, 9, 16, 4, 120",
        "llama3-rope-tiny, 48, 2, 6, 6, 80"
    })
    void shouldGiveTheLogitsOfTheModelBeforeItGrew(
            String name, int hidden, int layers, int heads, int keyHeads, int ffn) {
        // Given
        Checkpoint before = Checkpoint.read(Golden.path("hf-models/" + name));
        var shape = new GrowthShape(hidden, layers, heads, keyHeads, ffn);
        // When
        Checkpoint after = Growth.to(before, shape);
        // Then
        assertThat(GrowthShape.of(after.config())).isEqualTo(shape);
        assertThat(after.config().headDimension()).isEqualTo(before.config().headDimension());
        assertLogits(name, after, 1e-4f);
        assertGreedy(name, after);
    }

    @Test
    void shouldFillWhatIsMultipliedByZeroWithRandomNumbers() {
        Checkpoint before = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        Checkpoint after = Growth.to(before, new GrowthShape(96, 7, 12, 4, 160));
        for (int layer = 0; layer < 7; layer++) {
            for (String part : new String[] {
                "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.gate_proj", "mlp.up_proj"
            }) {
                HostTensor tensor = after.tensor("model.layers." + layer + "." + part + ".weight");
                assertThat(zeros(tensor)).as(part + " of layer " + layer).isZero();
            }
        }
        assertThat(Growth.to(before, GrowthShape.of(after.config()))
                        .tensor("model.layers.1.mlp.up_proj.weight")
                        .sameAs(after.tensor("model.layers.1.mlp.up_proj.weight")))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"drafter-embed", "drafter-noembed"})
    void shouldKeepTheDraftsOfAGrownPair(String name) {
        // Given
        Checkpoint target = Checkpoint.read(Golden.path("eagle3/target"));
        Eagle3Checkpoint drafter = Eagle3Checkpoint.read(Golden.path("eagle3/" + name));
        // an odd ratio of widths, more layers, two query heads a key head where there were three
        var shape = new GrowthShape(72, 13, 12, 6, 100);
        // When
        Checkpoint grownTarget = Growth.to(target, shape);
        Eagle3Checkpoint grownDrafter = Growth.drafterTo(drafter, target.config(), shape);
        // Then
        assertThat(grownDrafter.config().targetHiddenSize()).isEqualTo(72);
        assertThat(grownDrafter.config().featureLayers()).containsExactly(2, 6, 10);
        GrowthCheck check = GrowthCheck.between(
                new GrowthCheck.Pair(target, drafter), new GrowthCheck.Pair(grownTarget, grownDrafter));
        assertThat(check.isSame()).as(check.toString()).isTrue();
        assertThat(check.drafts()).isEqualTo(16);
        assertThat(check.largestDifference()).isLessThan(1e-4);
    }

    @Test
    void shouldNoticeADrafterThatReadsOtherFeatures() {
        Checkpoint target = Checkpoint.read(Golden.path("eagle3/target"));
        Eagle3Checkpoint drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-embed"));
        HostTensor fc = drafter.tensor("fc.weight");
        float[] values = fc.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = -values[i];
        }
        var other = drafter.withParameters(Map.of("fc.weight", HostTensor.ofFloats(values, fc.shape())));
        GrowthCheck check =
                GrowthCheck.between(new GrowthCheck.Pair(target, drafter), new GrowthCheck.Pair(target, other));
        assertThat(check.isSame()).isFalse();
        assertThat(check.sameTokens()).isEqualTo(check.tokens());
    }

    @Test
    void shouldWriteAndReadAGrownPairInBfloat16() {
        Checkpoint before = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        Checkpoint after = Growth.to(before, new GrowthShape(96, 5, 12, 4, 160));
        after.write(folder, ElementType.BFLOAT16);
        Checkpoint read = Checkpoint.read(folder);
        assertThat(read.config()).isEqualTo(after.config());
        assertThat(read.tensor("model.norm.weight").type()).isEqualTo(ElementType.BFLOAT16);
        float[] exact = after.tensor("model.embed_tokens.weight").toFloats();
        float[] rounded = read.tensor("model.embed_tokens.weight").toFloats();
        for (int i = 0; i < exact.length; i++) {
            // eight bits of significand, rounded to nearest
            assertThat(rounded[i]).isCloseTo(exact[i], within(Math.abs(exact[i]) * 0x1p-8f));
        }
    }

    @Test
    void shouldChooseTheProportionsOfSmallPublicModels() {
        // Given the sizes of the policy that ships
        ModelConfig config = ModelConfig.qwen2(22, 96, 256, 8, 4, 2, 1024, List.of(1));
        // When, Then: SmolLM-135M has hidden 576 over 9 heads of 64 and ffn 1536;
        // 6 query heads a key head lie between its 3 and the 7 of Qwen2.5-0.5B
        assertThat(GrowthShape.ofParameters(config, 80_000_000)).isEqualTo(new GrowthShape(576, 23, 24, 4, 1536));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "40, 3, 6, 2, 80|hidden: the model has 48 and can only grow, found 40",
                "48, 2, 6, 2, 80|layers: the model has 3 and can only grow, found 2",
                "48, 3, 6, 2, 79|ffn: the model has 80 and can only grow, found 79",
                "48, 3, 7, 2, 80|kv-heads: expected a divisor of 7 heads, found 2",
                "48, 3, 6, 3, 80|with 2 query heads a key head it takes at least 4 key heads",
                "48, 3, 4, 2, 80|heads: 6 query heads over 2 key heads do not fit into 4 over 2"
            })
    void shouldRefuseWhatDoesNotHoldTheModel(String sizes, String message) {
        Checkpoint before = Checkpoint.read(Golden.path("hf-models/qwen2-tiny"));
        int[] n = Arrays.stream(sizes.split(", ")).mapToInt(Integer::parseInt).toArray();
        assertThatThrownBy(() -> Growth.to(before, new GrowthShape(n[0], n[1], n[2], n[3], n[4])))
                .isInstanceOf(GrowthException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shouldRefuseFewerParametersThanThereAre() {
        ModelConfig config =
                Checkpoint.read(Golden.path("hf-models/qwen2-tiny")).config();
        assertThatThrownBy(() -> GrowthShape.ofParameters(config, 10_000))
                .isInstanceOf(GrowthException.class)
                .hasMessageContaining("no shape of about 10,000 parameters");
    }

    private static void assertLogits(String name, Checkpoint checkpoint, float tolerance) {
        var expected = Safetensors.open(Golden.path("hf-models/" + name).resolve("expected.safetensors"));
        int[] ids = ints(expected.tensor("input_ids"));
        int length = (int) expected.tensor("input_ids").shape()[1];
        float[] logits = expected.tensor("logits").toFloats();
        try (TargetModel model = load(checkpoint)) {
            for (int row = 0; row < ids.length / length; row++) {
                Logits actual = step(model, 0, Arrays.copyOfRange(ids, row * length, (row + 1) * length));
                int width = actual.vocabularySize();
                for (int i = 0; i < length; i++) {
                    int at = (row * length + i) * width;
                    assertThat(actual.row(i))
                            .containsExactly(Arrays.copyOfRange(logits, at, at + width), within(tolerance));
                }
            }
        }
    }

    private static void assertGreedy(String name, Checkpoint checkpoint) {
        var expected = Safetensors.open(Golden.path("hf-models/" + name).resolve("expected.safetensors"));
        var tensor = expected.tensors().get("greedy");
        if (tensor == null) {
            return;
        }
        int length = (int) tensor.shape()[tensor.shape().length - 1];
        int[] reference = Arrays.copyOf(ints(tensor), length);
        int[] tokens = Arrays.copyOf(reference, length);
        try (TargetModel model = load(checkpoint)) {
            int seen = 0;
            for (int at = length - 24; at < length; at++) {
                Logits logits = step(model, seen, Arrays.copyOfRange(tokens, seen, at));
                tokens[at] = argmax(logits.row(at - seen - 1));
                seen = at;
            }
        }
        assertThat(tokens).isEqualTo(reference);
    }

    private static TargetModel load(Checkpoint checkpoint) {
        return TargetModel.load(checkpoint, 1, CAPACITY, ComputeType.FLOAT32, new int[0]);
    }

    private static Logits step(TargetModel model, int start, int[] tokens) {
        var grid = new TokenGrid();
        grid.begin(start);
        grid.add(tokens, 0, tokens.length);
        return model.step(0, grid);
    }

    private static int argmax(float[] row) {
        int best = 0;
        for (int i = 1; i < row.length; i++) {
            best = row[i] > row[best] ? i : best;
        }
        return best;
    }

    private static int[] ints(HostTensor tensor) {
        return Arrays.stream(tensor.toLongs()).mapToInt(Math::toIntExact).toArray();
    }

    private static long zeros(HostTensor tensor) {
        long zeros = 0;
        for (float value : tensor.toFloats()) {
            zeros += value == 0 ? 1 : 0;
        }
        return zeros;
    }
}
