package dev.respec.learner.pretraining;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.ModelConfig;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.stream.IntStream;

/**
 * An EAGLE-3 drafter with random weights for any policy, which the learner teaches while the policy is trained. It
 * proposes the tokens that are most frequent in the data, and reads the policy's embeddings.
 */
public final class NewDrafter {
    private NewDrafter() {}

    /**
     * Makes one.
     *
     * @param policy folder of the policy
     * @param texts prompts and answers of the data; not read if the whole vocabulary is drafted
     * @throws dev.respec.model.checkpoint.CheckpointException if the policy has too few layers
     */
    public static Eagle3Checkpoint make(Path policy, Iterator<String> texts, long seed) {
        ModelConfig target = ModelConfig.read(policy);
        Eagle3Config config = Eagle3Config.forAnyTarget(target);
        int[] ids = config.draftVocabularySize() == target.vocabularySize()
                ? IntStream.range(0, target.vocabularySize()).toArray()
                : DraftVocabularies.mostFrequent(counts(policy, target, texts), config.draftVocabularySize());
        return Eagle3Checkpoint.random(config, ids, seed);
    }

    private static long[] counts(Path policy, ModelConfig target, Iterator<String> texts) {
        long[] counts = new long[target.vocabularySize()];
        try (TextTokenizer tokenizer = TextTokenizer.open(policy)) {
            while (texts.hasNext()) {
                for (int token : tokenizer.encode(texts.next())) {
                    counts[token]++;
                }
            }
        }
        // every response ends with one, and data seldom spell them out
        target.stopTokens().forEach(token -> counts[token] = Long.MAX_VALUE);
        return counts;
    }
}
