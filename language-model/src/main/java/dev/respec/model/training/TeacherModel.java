package dev.respec.model.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.kernels.Torch;
import java.util.List;

/**
 * The policy as the drafter's teacher: features and logits of whole sequences. Owned by one thread.
 */
public final class TeacherModel implements AutoCloseable {
    private final long[] featureLayers;
    private final ModelConfig config;
    private final TrainableKernel kernel;

    private TeacherModel(long[] featureLayers, ModelConfig config, TrainableKernel kernel) {
        this.config = config;
        this.featureLayers = featureLayers;
        this.kernel = kernel;
    }

    /** @param featureLayers indices into Hugging Face's hidden_states */
    public static TeacherModel load(Checkpoint checkpoint, int[] featureLayers, int threads) {
        long[] layers = new long[featureLayers.length];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = featureLayers[i];
        }
        Torch.useThreads(threads);
        Torch.enterThread();
        ModelConfig config = checkpoint.config();
        var kernel = new TrainableKernel(config, TrainableKernel.Layers.RECORDED);
        TeacherModel teacher = new TeacherModel(layers, config, kernel);
        teacher.adopt(checkpoint);
        return teacher;
    }

    /** Replaces the weights by those of another checkpoint of the same shape. */
    public void adopt(Checkpoint checkpoint) {
        kernel.place(checkpoint, TrainableKernel.Holding.FROZEN);
    }

    public ModelConfig config() {
        return config;
    }

    /** Manager to derive the owner of outputs from. */
    public NDManager manager() {
        return kernel.module().manager();
    }

    /** @param tokens one array per row, right-padded here */
    public TeacherOutput teach(NDManager owner, List<int[]> tokens) {
        int width = tokens.stream().mapToInt(row -> row.length).max().orElseThrow();
        long[] ids = new long[tokens.size() * width];
        for (int row = 0; row < tokens.size(); row++) {
            int[] source = tokens.get(row);
            for (int i = 0; i < source.length; i++) {
                ids[row * width + i] = source[i];
            }
        }
        NDArray input = NativeArrays.of(owner, ids, tokens.size(), width);
        try (NDManager scope = owner.newSubManager()) {
            NDList result = kernel.module().call(scope, "teach", input, featureLayers);
            // results of inference mode cannot take part in autograd, copies can
            NDArray features = result.get(0).duplicate();
            NDArray logits = result.get(1).duplicate();
            features.attach(owner);
            logits.attach(owner);
            return new TeacherOutput(input, features, logits);
        }
    }

    @Override
    public void close() {
        kernel.close();
    }
}
