package dev.respec.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.generation.engine.SequenceRequest;
import dev.respec.model.CacheMemory;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.PageTable;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerModelsTest {
    private static final String CHARACTERS = "12345";
    private static final int VOCABULARY = 7;

    @TempDir
    private Path folder;

    private int updates;

    @Test
    void shouldDraftWithTheEmbeddingsThatTheDrafterWasTrainedWithAlthoughItsUpdateCarriesNone() {
        // Given an update for a run whose policy has changed, embeddings too
        Checkpoint first = policy(3);
        Checkpoint now = policy(4);
        Eagle3Checkpoint update = drafter(first.config(), 6);

        // When
        List<Long> withFirst = accepted(first, now, update.withEmbeddings(embeddings(first)));
        List<Long> without = accepted(first, now, update);

        // Then
        assertThat(without).isEqualTo(withFirst);
        assertThat(without).isNotEqualTo(accepted(first, now, update.withEmbeddings(embeddings(now))));
    }

    /** Drafts accepted by position after a worker that was started with the first policy took the other and the update. */
    private List<Long> accepted(Checkpoint first, Checkpoint now, Eagle3Checkpoint update) {
        RespecConfig config = RespecConfig.defaults()
                .withOverrides(List.of(
                        "model.compute-type=float32",
                        "worker.slots=2",
                        "worker.capacity=96",
                        "worker.threads=1",
                        "worker.draft-limit=none"));
        try (var models = WorkerModels.load(config, first, drafter(first.config(), 5), tokenizer(), List.of())) {
            models.adoptPolicy(written(now::write), 1);
            models.adoptDrafter(written(update::write), 1);
            models.engine().use(SettingTable.always(Setting.chain("eagle3", 3)));
            for (int i = 0; i < 8; i++) {
                int[] prompt = {2 + i % 5, 3, 2 + i / 2};
                models.engine()
                        .submit(new SequenceRequest(
                                "r" + i,
                                "r" + i,
                                prompt,
                                SamplingOptions.greedy(),
                                60,
                                new SplittableRandomStream(5, i)));
            }
            while (!models.engine().idle()) {
                models.engine().step();
            }
            assertThat(models.drafterVersion()).isEqualTo(1);
            return models.engine().statistics().drain().stream()
                    .flatMap(
                            counts -> Arrays.stream(counts.acceptedByPosition()).boxed())
                    .toList();
        }
    }

    /** Keys and values of a token: 8 layers, one head of 8, float32. */
    @Test
    void shouldBoundTheCacheByPagesOrWhereThereAreNoneBySlots() {
        long bytesOfToken = 8 * 2 * 8 * Float.BYTES;
        long megabyte = 1 << 20;
        try (var models = bounded("float32", policy(3), 96)) {
            assertThat(models.engine().slotLimit()).isEqualTo((int) (megabyte / (96 * bytesOfToken)));
            assertThat(models.engine().cacheUse().pages()).isZero();
        }
        assumeTrue(new CacheMemory(policy(3).config(), ComputeType.BFLOAT16, 0).isPaged(), "this Java has no vectors");
        try (var models = bounded("bfloat16", policy(3), 96)) {
            assertThat(models.engine().slotLimit()).isEqualTo(32);
            // values are padded to whole vectors: to twice their size at most
            long most = megabyte / (PageTable.COLUMNS * bytesOfToken);
            assertThat((long) models.engine().cacheUse().pages()).isBetween(most * 2 / 3, most);
        }
    }

    @Test
    void shouldSayThatTheBoundDoesNotHoldOneSequence() {
        Checkpoint longer =
                Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, 4096, List.of(1)), 3, 0.4, 1);
        for (String type : List.of("float32", "bfloat16")) {
            assertThatThrownBy(() -> bounded(type, longer, 4096))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageStartingWith(
                            "worker.key-value-megabytes: 1 MiB do not hold one sequence of 4096 tokens (")
                    .hasMessageEndingWith("MiB); raise it or lower worker.capacity");
        }
    }

    private WorkerModels bounded(String type, Checkpoint policy, int capacity) {
        RespecConfig config = RespecConfig.defaults()
                .withOverrides(List.of(
                        "model.compute-type=" + type,
                        "worker.slots=32",
                        "worker.capacity=" + capacity,
                        "worker.threads=1",
                        "worker.key-value-megabytes=1"));
        return WorkerModels.load(config, policy, null, tokenizer(), List.of());
    }

    private TextTokenizer tokenizer() {
        TextTokenizer.writeCharacterTokenizer(folder.resolve("tokenizer"), CHARACTERS, List.of("<pad>", "<eos>"));
        return TextTokenizer.open(folder.resolve("tokenizer"));
    }

    private Path written(Consumer<Path> writer) {
        Path target = folder.resolve("update-" + ++updates);
        writer.accept(target);
        return target;
    }

    private static Checkpoint policy(long seed) {
        return Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 16, 32, 8, 2, 1, 96, List.of(1)), seed, 0.4, 1);
    }

    private static Eagle3Checkpoint drafter(ModelConfig policy, long seed) {
        return Eagle3Checkpoint.random(
                Eagle3Config.forTarget(policy), IntStream.range(0, VOCABULARY).toArray(), seed);
    }

    private static HostTensor embeddings(Checkpoint policy) {
        return policy.tensor("model.embed_tokens.weight");
    }
}
