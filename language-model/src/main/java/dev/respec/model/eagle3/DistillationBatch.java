package dev.respec.model.eagle3;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.NativeArrays;
import dev.respec.model.training.TeacherOutput;
import dev.respec.model.training.TokenBatch;
import java.util.ArrayList;
import java.util.List;

/**
 * Sequences with what the teacher says about them. Row t of a sequence predicts token t+2 and counts where its mask is 1.
 *
 * @param ids [B, T] int64, right-padded
 * @param features [B, T, 3H] float32
 * @param logits [B, T, V] float32, of the teacher
 * @param mask [B, T] float32
 * @param weights [1, B, 1] or [passes, B, T] float32, on the loss of each row, see {@link LossWeights}
 */
public record DistillationBatch(NDArray ids, NDArray features, NDArray logits, NDArray mask, NDArray weights) {

    /** Batches of about this many tokens are the fastest on a few cores. */
    private static final int FASTEST_TOKENS = 2560;

    /** Logits of a batch, vocabulary × tokens: 256 MiB in float32. */
    private static final int MOST_LOGITS = 1 << 26;

    /** Padded tokens that are to go through teacher and drafter together; a longer sequence goes alone. */
    public static int mostTokens(ModelConfig policy) {
        return Math.min(FASTEST_TOKENS, Math.max(1, MOST_LOGITS / policy.vocabularySize()));
    }

    /**
     * Counts the rows on which the drafter is asked during generation: the first predicts the first response token (the
     * second, if the prompt has one token only: there is no feature to draft from), the last the last one.
     *
     * @param weights of the same tokens
     */
    public static DistillationBatch of(NDManager owner, TokenBatch tokens, TeacherOutput teacher, LossWeights weights) {
        int width = tokens.width();
        float[] mask = new float[tokens.rows() * width];
        for (int row = 0; row < tokens.rows(); row++) {
            int prompt = tokens.promptTokens().get(row).length;
            int length = prompt + tokens.responseTokens().get(row).length;
            for (int t = Math.max(0, prompt - 2); t + 2 < length; t++) {
                mask[row * width + t] = 1;
            }
        }
        NDArray masks = NativeArrays.of(owner, mask, tokens.rows(), width);
        return new DistillationBatch(teacher.ids(), teacher.features(), teacher.logits(), masks, weights.array(owner));
    }

    /** Prompt and response of each row in one array, as {@link dev.respec.model.training.TeacherModel} takes them. */
    public static List<int[]> sequences(TokenBatch tokens) {
        List<int[]> sequences = new ArrayList<>(tokens.rows());
        for (int row = 0; row < tokens.rows(); row++) {
            int[] prompt = tokens.promptTokens().get(row);
            int[] response = tokens.responseTokens().get(row);
            int[] sequence = new int[prompt.length + response.length];
            System.arraycopy(prompt, 0, sequence, 0, prompt.length);
            System.arraycopy(response, 0, sequence, prompt.length, response.length);
            sequences.add(sequence);
        }
        return sequences;
    }
}
