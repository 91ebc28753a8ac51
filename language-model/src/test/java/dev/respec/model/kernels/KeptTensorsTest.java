package dev.respec.model.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.respec.model.Golden;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.eagle3.Eagle3Trainer;
import dev.respec.model.vector.VectorDecoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A kernel computes from copies: whatever becomes of the arrays it was given, its results stay the same bits. What the
 * results are is compared with references elsewhere.
 */
class KeptTensorsTest {
    private static final long ANY_LARGE_ID = 1L << 40;

    /** Whether the arrays handed over are overwritten behind the call. */
    private enum Afterwards {
        UNTOUCHED,
        OVERWRITTEN
    }

    @FunctionalInterface
    private interface Kernel {
        float[] results(Afterwards afterwards);
    }

    @ParameterizedTest
    @CsvSource({
        "qwen2-tiny, false, false",
        "qwen2-tiny-untied, false, true",
        "qwen3-tiny, false, false",
        "llama-tiny, true, false",
        "qwen2-tiny-untied, true, false"
    })
    void shouldKeepNothingOfADecodersWeights(String name, boolean half, boolean packs) {
        var checkpoint = Checkpoint.read(Golden.path("hf-models/" + name));
        assertKept(afterwards ->
                decoder(checkpoint, half, packs && Packing.float32().packs(), afterwards));
    }

    private static float[] decoder(Checkpoint checkpoint, boolean half, boolean packs, Afterwards afterwards) {
        ModelConfig config = checkpoint.config();
        try (var module = ScriptedModule.load(ScriptedModule.class, "decoder");
                NDManager scope = module.manager().newSubManager()) {
            module.tell(
                    "configure",
                    config.layers(),
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDimension(),
                    config.rmsNormEpsilon(),
                    new long[] {0, 1});
            module.tell("begin_load", half, packs, false);
            List<NDArray> given = WeightOrder.arrays(checkpoint, scope);
            for (int layer = 0; layer < config.layers(); layer++) {
                int from = layer * WeightOrder.PER_LAYER;
                module.tell("load_layer", given.subList(from, from + WeightOrder.PER_LAYER));
            }
            int rest = config.layers() * WeightOrder.PER_LAYER;
            module.tell("end_load", given.subList(rest, rest + 3).toArray());
            var frequencies = NativeArrays.of(scope, config.rope().inverseFrequencies(config.headDimension()));
            module.tell("allocate", 1, 16, frequencies, config.rope().attentionFactor());
            overwrite(afterwards, given, List.of(frequencies));
            long[] numbers = {3, 5, 7, 0, 1, 2, 0, 1, 2, 0, 0, 0, 0, 1, 2};
            var logits = module.call(scope, "step", NativeArrays.of(scope, numbers), 3, 1, 3, false, false, 0, 16);
            var slots = NativeArrays.of(scope, new long[3]);
            var columns = NativeArrays.of(scope, new long[] {0, 1, 2});
            return joined(logits, module.call(scope, "features_at", slots, columns));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 8 << 20})
    void shouldKeepNothingOfADraftersWeights(long tableLimit) {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-embed"));
        assertKept(afterwards -> drafter(drafter, tableLimit, afterwards));
    }

    private static float[] drafter(Eagle3Checkpoint drafter, long tableLimit, Afterwards afterwards) {
        var config = drafter.config();
        try (var module = ScriptedModule.load(Eagle3Drafter.class, "eagle3");
                NDManager scope = module.manager().newSubManager()) {
            List<NDArray> given = parameters(drafter, scope);
            given.addAll(fixed(drafter, scope));
            long[] sizes = {config.heads(), config.keyValueHeads(), config.headDimension(), 0, 0, 0, 0, 0};
            module.tell("load", given, sizes, config.rmsNormEpsilon(), 1.0, tableLimit);
            overwrite(afterwards, given);
            module.tell("allocate", 1, 16);
            float[] features = ramp(2 * 3 * config.targetHiddenSize());
            var array = NativeArrays.of(scope, features, 2, 3L * config.targetHiddenSize());
            long[] numbers = {0, 1, 0, 0, 0, 1, 4, 9, 1};
            double[] uniforms = {0.3, 0.6, 0.9};
            return joined(
                    module.call(scope, "extend_and_draft", List.of(array), 0, numbers, 1, 2, 4, 3, uniforms, 1.0));
        }
    }

    @Test
    void shouldKeepNothingOfATrainedDraftersWeights() {
        var drafter = Eagle3Checkpoint.read(Golden.path("eagle3/drafter-noembed"));
        assertKept(afterwards -> training(drafter, afterwards));
    }

    private static float[] training(Eagle3Checkpoint drafter, Afterwards afterwards) {
        var config = drafter.config();
        try (var module = ScriptedModule.load(Eagle3Trainer.class, "eagle3_training");
                NDManager scope = module.manager().newSubManager()) {
            module.tell(
                    "configure",
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDimension(),
                    config.rmsNormEpsilon(),
                    false,
                    1.0);
            List<NDArray> parameters = parameters(drafter, scope);
            List<NDArray> fixed = fixed(drafter, scope);
            module.callWithGradient(scope, "load", parameters, fixed);
            overwrite(afterwards, parameters, fixed);
            List<NDArray> assigned = parameters(drafter, scope);
            List<NDArray> moments = parameters(drafter, scope);
            moments.addAll(parameters(drafter, scope));
            module.tell("assign", assigned, moments);
            overwrite(afterwards, assigned, moments);
            var features = NativeArrays.of(
                    scope, ramp(4 * 3 * config.targetHiddenSize()), 1, 4, 3L * config.targetHiddenSize());
            var ids = NativeArrays.of(scope, new long[] {4, 9, 2, 7}, 1, 4);
            var logits = NativeArrays.of(scope, ramp(4 * config.vocabularySize()), 1, 4, config.vocabularySize());
            var mask = NativeArrays.of(scope, new float[] {1, 1, 1, 1}, 1, 4);
            var sums = module.call(
                    scope,
                    "evaluate",
                    features,
                    ids,
                    logits,
                    mask,
                    NativeArrays.of(scope, new float[] {1}),
                    NativeArrays.of(scope, new float[] {2, 0.8f, 1, 0.5f}));
            return joined(sums, module.call(scope, "state"));
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false", "true, false", "false, true", "true, true"})
    void shouldKeepNothingOfATrainedPolicysWeightsMomentsAndTokens(boolean recomputes, boolean writtenOut) {
        var checkpoint = Checkpoint.read(Golden.path("hf-models/qwen3-tiny"));
        assertKept(afterwards -> trainable(checkpoint, recomputes, writtenOut, afterwards));
    }

    private static float[] trainable(
            Checkpoint checkpoint, boolean recomputes, boolean writtenOut, Afterwards afterwards) {
        ModelConfig config = checkpoint.config();
        try (var module = ScriptedModule.load(ScriptedModule.class, "trainable");
                NDManager scope = module.manager().newSubManager()) {
            var frequencies = NativeArrays.of(scope, config.rope().inverseFrequencies(config.headDimension()));
            module.tell(
                    "configure",
                    config.layers(),
                    config.heads(),
                    config.keyValueHeads(),
                    config.headDimension(),
                    config.rmsNormEpsilon(),
                    frequencies,
                    1.0);
            module.tell("recompute", recomputes);
            module.tell("write_out", writtenOut, writtenOut);
            List<NDArray> given = new ArrayList<>(List.of(frequencies));
            List<NDArray> weights = WeightOrder.arrays(checkpoint, scope);
            for (int at = 0; at < weights.size(); at++) {
                if (weights.get(at).size() > 0) {
                    place(module, scope, at, weights.get(at), given);
                }
            }
            overwrite(afterwards, given);
            var ids = NativeArrays.of(scope, new long[] {4, 9, 2, 7}, 1, 4);
            var rows = NativeArrays.of(scope, new long[] {0, 1, 2});
            module.callWithGradient(scope, "encode", ids, rows, NativeArrays.of(scope, new long[1]));
            overwrite(afterwards, List.of(ids, rows));
            var targets = NativeArrays.of(scope, new long[] {9, 2, 7});
            var scores = module.call(scope, "score", 0, 3, targets, 1.0);
            var cotangent = NativeArrays.of(scope, new float[] {1, 1, 1});
            module.tell("descend", 0, 3, targets, 1.0, cotangent);
            overwrite(afterwards, List.of(targets, cotangent));
            module.callWithGradient(scope, "finish", NativeArrays.of(scope, new long[1]));
            List<NDList> results = new ArrayList<>(List.of(scores));
            for (int part = 0; part < 4; part++) {
                for (int at = 0; at < weights.size(); at++) {
                    results.add(module.call(
                            scope, "read", part, at, 0, weights.get(at).size()));
                }
            }
            return joined(results.toArray(new NDList[0]));
        }
    }

    /** Places a weight and its moments, and keeps what was passed. */
    private static void place(ScriptedModule module, NDManager scope, int at, NDArray weight, List<NDArray> given) {
        module.callWithGradient(
                scope,
                "allot",
                NativeArrays.of(scope, new long[] {at}),
                NativeArrays.of(scope, weight.getShape().getShape()),
                NativeArrays.of(scope, new long[] {2}));
        for (int part = 0; part < 3; part++) {
            var values = NativeArrays.of(scope, weight.toFloatArray());
            module.tell("fill", part, at, 0, values);
            given.add(values);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldKeepNothingOfMatricesForManyRows(boolean packs) {
        assertKept(afterwards -> {
            try (var module = ScriptedModule.load(VectorDecoder.class, "products");
                    NDManager scope = module.manager().newSubManager()) {
                module.tell("begin", packs && Packing.bfloat16().packs());
                var weights = NativeArrays.of(scope, ramp(32 * 64), 32, 64);
                module.tell("add", weights, new long[] {16, 16});
                overwrite(afterwards, List.of(weights));
                var y = NativeArrays.zeros(scope, 2 * 16);
                module.tell("multiply", NativeArrays.of(scope, ramp(2 * 64)), y, 2, 64, 1);
                return y.toFloatArray();
            }
        });
    }

    private static void assertKept(Kernel kernel) {
        float[] expected = kernel.results(Afterwards.UNTOUCHED);
        for (float value : expected) {
            assertThat(value).isFinite();
        }
        assertThat(kernel.results(Afterwards.OVERWRITTEN)).isEqualTo(expected);
    }

    @SafeVarargs
    private static void overwrite(Afterwards afterwards, List<NDArray>... given) {
        if (afterwards == Afterwards.UNTOUCHED) {
            return;
        }
        for (List<NDArray> arrays : given) {
            for (NDArray array : arrays) {
                if (array.size() == 0) {
                    continue;
                }
                if (array.getDataType() == DataType.INT64) {
                    var values = array.toByteBuffer(true).asLongBuffer();
                    while (values.hasRemaining()) {
                        values.put(ANY_LARGE_ID);
                    }
                } else {
                    var values = NativeArrays.floats(array);
                    while (values.hasRemaining()) {
                        values.put(Float.NaN);
                    }
                }
            }
        }
    }

    private static List<NDArray> parameters(Eagle3Checkpoint drafter, NDManager scope) {
        List<NDArray> arrays = new ArrayList<>();
        drafter.parameterNames().forEach(name -> arrays.add(NativeArrays.of(scope, drafter.tensor(name))));
        return arrays;
    }

    private static List<NDArray> fixed(Eagle3Checkpoint drafter, NDManager scope) {
        var config = drafter.config();
        var target = Checkpoint.read(Golden.path("eagle3/target"));
        return List.of(
                NativeArrays.of(scope, drafter.embeddings(target)),
                NativeArrays.of(scope, drafter.targetIds()),
                NativeArrays.of(scope, config.rope().inverseFrequencies(config.headDimension())));
    }

    private static float[] ramp(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) Math.sin(i);
        }
        return values;
    }

    private static float[] joined(NDList... results) {
        List<float[]> parts = new ArrayList<>();
        for (NDList result : results) {
            for (NDArray array : result) {
                parts.add(array.getDataType() == DataType.INT64 ? widened(array.toLongArray()) : array.toFloatArray());
            }
        }
        float[] all = new float[parts.stream().mapToInt(part -> part.length).sum()];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static float[] widened(long[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = values[i];
        }
        return floats;
    }
}
