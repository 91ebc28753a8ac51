package dev.respec.learner.pretraining;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewDrafterTest {
    private static final int LARGE = 40_000;

    @TempDir
    private Path folder;

    @Test
    void shouldProposeTheTokensOfTheDataAndEveryStopToken() {
        // Given a vocabulary of which the tokenizer and the data use the first few, and a stop token at its end
        TextTokenizer.writeCharacterTokenizer(folder, "abc", List.of("<pad>", "<eos>"));
        Checkpoint.random(ModelConfig.qwen2(LARGE, 8, 16, 4, 2, 2, 64, List.of(LARGE - 1)), 1)
                .withSource(folder)
                .write(folder.resolve("policy"));

        Eagle3Checkpoint drafter =
                NewDrafter.make(folder.resolve("policy"), List.of("abba", "cab").iterator(), 3);

        // Then the most frequent ones come first, and unused ones fill up from the lowest id
        long[] ids = drafter.targetIds();
        assertThat(ids).hasSize(32_000).isSorted().contains(2, 3, 4, LARGE - 1);
        assertThat(Arrays.copyOf(ids, 31_999))
                .isEqualTo(LongStream.range(0, 31_999).toArray());
        assertThat(drafter.tensors()).doesNotContainKey("embed_tokens.weight");
    }

    @Test
    void shouldProposeEveryTokenOfASmallVocabularyAndReadAsItIsWritten() {
        TextTokenizer.writeCharacterTokenizer(folder, "abc", List.of("<pad>", "<eos>"));
        Checkpoint policy = Checkpoint.random(ModelConfig.qwen2(5, 8, 16, 3, 2, 2, 64, List.of(1)), 1);
        policy.withSource(folder).write(folder.resolve("policy"));

        NewDrafter.make(folder.resolve("policy"), List.<String>of().iterator(), 3)
                .write(folder.resolve("drafter"));

        Eagle3Checkpoint read = Eagle3Checkpoint.read(folder.resolve("drafter"));
        read.requireFits(policy.config());
        assertThat(read.config().featureLayers()).containsExactly(0, 1, 2);
        assertThat(read.config().draftVocabularySize()).isEqualTo(5);
        assertThat(read.embeddings(policy)).isEqualTo(policy.tensor("model.embed_tokens.weight"));
    }
}
