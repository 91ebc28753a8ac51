package dev.respec.model.training;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokens of a batch one after the other: without padding, without last tokens, which predict nothing, and a prompt of
 * several responses once. A token depends on those before it alone, so what is computed of a shared prompt is the same for
 * all, and its gradient is the sum of theirs.
 */
final class DenseRows {
    private final TokenBatch batch;
    private final List<Segment> segments = new ArrayList<>();
    private final long[] ids;
    private final long[] rows;
    private final long[] targets;
    /** Row that predicts the first token of a response, and row that predicts its second. */
    private final int[] predictsFirst;

    private final int[] predictsSecond;
    private int count;

    DenseRows(TokenBatch batch) {
        this.batch = batch;
        ids = new long[batch.tokenCount()];
        predictsFirst = new int[batch.rows()];
        predictsSecond = new int[batch.rows()];
        Map<IntBuffer, List<Integer>> byPrompt = new LinkedHashMap<>();
        for (int row = 0; row < batch.rows(); row++) {
            byPrompt.computeIfAbsent(IntBuffer.wrap(batch.promptTokens().get(row)), prompt -> new ArrayList<>())
                    .add(row);
        }
        byPrompt.values().forEach(this::place);
        rows = new long[batch.responseTokenCount()];
        targets = new long[rows.length];
        int at = 0;
        for (int row = 0; row < batch.rows(); row++) {
            int[] response = batch.responseTokens().get(row);
            for (int i = 0; i < response.length; i++) {
                rows[at] = i == 0 ? predictsFirst[row] : predictsSecond[row] + i - 1L;
                targets[at++] = response[i];
            }
        }
    }

    /** Places the rows of one prompt. */
    private void place(List<Integer> shared) {
        int[] prompt = batch.promptTokens().get(shared.get(0));
        int begin = count;
        for (int token : prompt) {
            ids[count++] = token;
        }
        if (shared.size() > 1) {
            segments.add(new Segment(begin, prompt.length, 0, 0));
        }
        for (int row : shared) {
            int[] response = batch.responseTokens().get(row);
            int first = count;
            predictsFirst[row] = begin + prompt.length - 1;
            predictsSecond[row] = first;
            for (int i = 0; i < response.length - 1; i++) {
                ids[count++] = response[i];
            }
            if (shared.size() == 1) {
                segments.add(new Segment(begin, count - begin, 0, 0));
            } else if (count > first) {
                segments.add(new Segment(first, count - first, begin, prompt.length));
            }
        }
    }

    /** A segment comes after the one that is its prefix. */
    List<Segment> segments() {
        return List.copyOf(segments);
    }

    long[] ids() {
        return Arrays.copyOf(ids, count);
    }

    /** Rows that predict response tokens, in the order of the batch. */
    long[] rows() {
        return rows;
    }

    long[] targets() {
        return targets;
    }
}
