package dev.respec.generation.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Long prompts enter in pieces; weights change between steps. The reference is one pass over all tokens at once. */
class PromptsAndSwapsTest {
    private static final int VOCABULARY = 11;
    private static final int STOP = 0;
    private static final int POSITIONS = 1_600;
    private static final Checkpoint OLD = policy(1);
    private static final Checkpoint NEW = policy(2);

    @Test
    void shouldComputeLongPromptsInPiecesWhileOthersDecode() {
        Map<String, int[]> prompts = Map.of("short", prompt(5), "long", prompt(1_300), "longer", prompt(1_500));
        try (GenerationEngine engine = engine(3)) {
            // Given
            prompts.forEach((id, prompt) -> engine.submit(request(id, prompt, 40)));
            engine.step();
            boolean waited = engine.waitingSequences() > 0;
            // When
            Map<String, CompletedSequence> done = finish(engine);
            // Then
            assertThat(waited).isTrue();
            prompts.forEach((id, prompt) -> {
                int[] response = response(done, id);
                assertThat(response).as(id).isEqualTo(greedy(OLD, prompt, response.length));
            });
        }
    }

    @Test
    void shouldForgetAPromptThatIsCancelledHalfWay() {
        try (GenerationEngine engine = engine(2)) {
            engine.submit(request("long", prompt(1_500), 10));
            engine.step();
            engine.cancel(request -> request.id().equals("long"));
            assertThat(engine.idle()).isTrue();
            engine.submit(request("next", prompt(7), 10));
            int[] response = response(finish(engine), "next");
            assertThat(response).isEqualTo(greedy(OLD, prompt(7), response.length));
        }
    }

    @Test
    void shouldGoOnAsIfTheNewWeightsHadReadAllWhenCachesAreRecomputed() {
        try (GenerationEngine engine = engine(2)) {
            int[] prompt = prompt(20);
            engine.submit(request("a", prompt, 40));
            for (int step = 0; step < 6; step++) {
                engine.step();
            }
            // When
            engine.adoptPolicy(NEW, 1, GenerationEngine.CachesOnSwap.RECOMPUTE);
            int[] response = response(finish(engine), "a");
            // Then
            int[] read = Arrays.copyOf(prompt, prompt.length + 6);
            System.arraycopy(response, 0, read, prompt.length, 6);
            assertThat(Arrays.copyOfRange(response, 6, response.length))
                    .isEqualTo(greedy(NEW, read, response.length - 6));
        }
    }

    @Test
    void shouldFindThePromptThatTheSampleBeforeLeft() {
        try (GenerationEngine engine = engine(1)) {
            // Given three samples of one prompt and one of a prompt that begins alike, one behind the other
            int[] prompt = prompt(20);
            int[] other = prompt.clone();
            other[12] = prompt[12] % (VOCABULARY - 1) + 1;
            for (String id : List.of("a", "b", "c")) {
                engine.submit(request(id, prompt, 15));
            }
            engine.submit(request("d", other, 15));
            // When
            Map<String, CompletedSequence> done = finish(engine);
            // Then
            for (String id : List.of("a", "b", "c")) {
                assertThat(response(done, id)).isEqualTo(greedy(OLD, prompt, response(done, id).length));
            }
            assertThat(response(done, "d")).isEqualTo(greedy(OLD, other, response(done, "d").length));
            assertThat(engine.promptTokens()).isEqualTo(19 + 19 - 12);

            // And nothing of the old weights is left after a swap
            engine.adoptPolicy(NEW, 1, GenerationEngine.CachesOnSwap.KEEP);
            engine.submit(request("e", other, 15));
            int[] response = response(finish(engine), "e");
            assertThat(response).isEqualTo(greedy(NEW, other, response.length));
        }
    }

    private static int[] response(Map<String, CompletedSequence> done, String id) {
        return requireNonNull(done.get(id), id).response();
    }

    /** Greedy continuation, each token from one pass over everything before it. */
    private static int[] greedy(Checkpoint checkpoint, int[] prompt, int count) {
        int[] tokens = Arrays.copyOf(prompt, prompt.length + count);
        try (TargetModel model = TargetModel.load(checkpoint, 1, POSITIONS, ComputeType.FLOAT32, new int[0])) {
            TokenGrid grid = new TokenGrid();
            int known = 0;
            for (int length = prompt.length; length < tokens.length; length++) {
                grid.clear();
                grid.begin(known);
                grid.add(tokens, known, length - known);
                float[] row = model.step(0, grid).row(length - known - 1);
                int best = 0;
                for (int token = 1; token < row.length; token++) {
                    best = row[token] > row[best] ? token : best;
                }
                tokens[length] = best;
                known = length;
            }
        }
        return Arrays.copyOfRange(tokens, prompt.length, tokens.length);
    }

    private static Map<String, CompletedSequence> finish(GenerationEngine engine) {
        List<CompletedSequence> done = new ArrayList<>();
        while (!engine.idle()) {
            done.addAll(engine.step());
        }
        Map<String, CompletedSequence> byId = new HashMap<>();
        done.forEach(sequence -> byId.put(sequence.request().id(), sequence));
        return byId;
    }

    private static SequenceRequest request(String id, int[] prompt, int maxTokens) {
        return new SequenceRequest(
                id, id, prompt, SamplingOptions.greedy(), maxTokens, new SplittableRandomStream(5, 0));
    }

    private static GenerationEngine engine(int slots) {
        return new GenerationEngine(
                TargetModel.load(OLD, slots, POSITIONS, ComputeType.FLOAT32, new int[0]),
                List.of(),
                List.of(STOP),
                new StepStatistics(List.of(1, 8)));
    }

    private static int[] prompt(int length) {
        return new Random(length).ints(length, 1, VOCABULARY).toArray();
    }

    private static Checkpoint policy(long seed) {
        return Checkpoint.random(
                ModelConfig.qwen2(VOCABULARY, 16, 32, 3, 2, 1, POSITIONS, List.of(STOP)), seed, 0.4, 1);
    }
}
