package dev.respec.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.TensorBytes;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.machine.MachineCode;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A new policy that shares tensors with the one held costs the reading of the others. */
class PartialAdoptionTest {
    private final Set<String> read = new ConcurrentSkipListSet<>();

    @ParameterizedTest
    @CsvSource({"qwen2-tiny, model.layers.1.mlp.up_proj.weight", "qwen2-tiny-untied, model.embed_tokens.weight"})
    void shouldReadOnlyMatricesThatChanged(String name, String changed) {
        assumeTrue(MachineCode.available(), "other kernels load every matrix again");
        Checkpoint old = observed(Checkpoint.read(Golden.path("hf-models/" + name)));
        Map<String, HostTensor> tensors = new LinkedHashMap<>(old.tensors());
        tensors.put(changed, observed(changed, doubled(old.tensor(changed))));
        Checkpoint next = new Checkpoint(old.config(), tensors);
        try (TargetModel model = load(old);
                TargetModel fresh = load(next)) {
            read.clear();
            // When
            model.adopt(next);
            // Then gate and up lie side by side and are one
            Set<String> expected = new TreeSet<>(Set.of(changed));
            if (changed.endsWith("up_proj.weight")) {
                expected.add(changed.replace("up_proj", "gate_proj"));
            }
            assertThat(read)
                    .filteredOn(tensor -> old.tensor(tensor).shape().length == 2)
                    .containsExactlyElementsOf(expected);
            assertThat(logits(model)).isEqualTo(logits(fresh));
            // and the way back is read again
            model.adopt(old);
            assertThat(logits(model)).isNotEqualTo(logits(fresh));
        }
    }

    private static TargetModel load(Checkpoint checkpoint) {
        return TargetModel.load(checkpoint, 1, 16, ComputeType.BFLOAT16, new int[0]);
    }

    private static float[] logits(TargetModel model) {
        TokenGrid grid = new TokenGrid();
        grid.begin(0);
        grid.add(new int[] {3, 1, 4, 1, 5}, 0, 5);
        return model.step(0, grid).values().clone();
    }

    private static HostTensor doubled(HostTensor tensor) {
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= 2;
        }
        return HostTensor.ofFloats(values, tensor.shape());
    }

    private Checkpoint observed(Checkpoint checkpoint) {
        Map<String, HostTensor> tensors = new LinkedHashMap<>(checkpoint.tensors());
        tensors.replaceAll(this::observed);
        return new Checkpoint(checkpoint.config(), tensors);
    }

    private HostTensor observed(String name, HostTensor tensor) {
        TensorBytes bytes = tensor.bytes();
        return new HostTensor(
                tensor.type(),
                new TensorBytes() {
                    @Override
                    public long size() {
                        return bytes.size();
                    }

                    @Override
                    public ByteBuffer part(long from, int count) {
                        read.add(name);
                        return bytes.part(from, count);
                    }
                },
                tensor.shape());
    }
}
