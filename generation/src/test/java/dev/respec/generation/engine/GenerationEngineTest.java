package dev.respec.generation.engine;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GenerationEngineTest {
    private static final int VOCABULARY = 12;
    private static final int STOP = 1;
    private static final Checkpoint CHECKPOINT =
            Checkpoint.random(ModelConfig.qwen2(VOCABULARY, 32, 48, 3, 4, 2, 64, List.of(STOP)), 5, 0.3, 1.0);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 9})
    void shouldEmitTheSameGreedyTokensForEverySetting(int slots) {
        Map<String, CompletedSequence> plain = run(slots, SettingTable.plain(), SamplingOptions.greedy(), List.of());
        for (Drafter drafter : List.of(new RandomDrafter(7), new KnowingDrafter(plain), new StaleDrafter(plain))) {
            for (int draftLength : new int[] {1, 3, 8}) {
                SettingTable table = SettingTable.always(Setting.chain(drafter.name(), draftLength));
                Map<String, CompletedSequence> drafted = run(slots, table, SamplingOptions.greedy(), List.of(drafter));
                assertThat(drafted.keySet()).isEqualTo(plain.keySet());
                plain.forEach((id, expected) -> {
                    CompletedSequence actual = requireNonNull(drafted.get(id));
                    assertThat(actual.response()).as(id).isEqualTo(expected.response());
                    assertThat(actual.reason()).isEqualTo(expected.reason());
                    assertThat(actual.logProbabilities()).containsExactly(expected.logProbabilities(), within(1e-4f));
                });
            }
        }
    }

    @Test
    void shouldNeedFewerStepsWhenDraftsAreRight() {
        Map<String, CompletedSequence> plain = run(4, SettingTable.plain(), SamplingOptions.greedy(), List.of());
        Map<String, CompletedSequence> known = run(
                4,
                SettingTable.always(Setting.chain("knowing", 3)),
                SamplingOptions.greedy(),
                List.of(new KnowingDrafter(plain)));
        known.forEach((id, sequence) -> {
            int tokens = sequence.response().length;
            // three accepted and one bonus token a step, the last step shorter
            assertThat(sequence.verifySteps()).as(id).isEqualTo((tokens + 3) / 4);
            assertThat(sequence.acceptedDraftTokens()).isEqualTo(sequence.draftedTokens());
        });
    }

    @Test
    void shouldSampleTheSameWayFromTheSameSeedAndRecordSpansAcrossASwap() {
        try (GenerationEngine engine = engine(2, List.of())) {
            engine.submit(request("a", 0, 20, SamplingOptions.atTemperature(1)));
            engine.submit(request("b", 1, 20, SamplingOptions.atTemperature(1)));
            Map<String, CompletedSequence> swapped = new HashMap<>();
            for (int step = 0; step < 2; step++) {
                engine.step().forEach(sequence -> swapped.put(sequence.request().id(), sequence));
            }
            engine.adoptPolicy(CHECKPOINT, 4, GenerationEngine.CachesOnSwap.KEEP);
            swapped.putAll(finish(engine));
            Map<String, CompletedSequence> plain =
                    run(2, SettingTable.plain(), SamplingOptions.atTemperature(1), List.of(), 20, 2);
            for (String id : List.of("a", "b")) {
                CompletedSequence sequence = requireNonNull(swapped.get(id));
                // the same weights under a new number change nothing but the record
                assertThat(sequence.response())
                        .isEqualTo(requireNonNull(plain.get(id)).response());
                if (sequence.response().length > 2) {
                    assertThat(sequence.spans())
                            .containsExactly(
                                    new Sequence.Span(0, 0, 2),
                                    new Sequence.Span(4, 2, sequence.response().length - 2));
                }
            }
        }
    }

    @Test
    void shouldCancelWhatIsWaitingAndWhatIsActive() {
        try (GenerationEngine engine = engine(2, List.of())) {
            for (int i = 0; i < 4; i++) {
                engine.submit(request("r" + i, i, 30, SamplingOptions.greedy()));
            }
            engine.step();
            List<CompletedSequence> cancelled =
                    engine.cancel(request -> !request.id().equals("r1"));
            assertThat(cancelled)
                    .extracting(sequence -> sequence.request().id())
                    .containsExactly("r0");
            assertThat(cancelled.get(0).reason()).isEqualTo(CompletedSequence.Reason.CANCELLED);
            assertThat(finish(engine)).containsOnlyKeys("r1");
        }
    }

    @Test
    void shouldCountNoStepThatASequenceWithoutStatisticsTookPartIn() {
        try (GenerationEngine engine = engine(4, List.of())) {
            // Given one of two whose statistics are left out, and which ends first
            SequenceRequest counted = request("counted", 0, 9, SamplingOptions.greedy());
            SequenceRequest other = request("other", 1, 4, SamplingOptions.greedy());
            engine.submit(counted);
            engine.submit(new SequenceRequest(
                    other.id(),
                    other.groupKey(),
                    other.prompt(),
                    other.sampling(),
                    other.maxTokens(),
                    other.random(),
                    SequenceRequest.Statistics.LEFT_OUT));

            Map<String, CompletedSequence> done = finish(engine);

            // Then only what was emitted after its end is in the statistics, and all of it in the engine's own count
            int both = requireNonNull(done.get("other")).response().length;
            int all = requireNonNull(done.get("counted")).response().length;
            assertThat(both).isLessThan(all);
            assertThat(engine.statistics().drain())
                    .singleElement()
                    .satisfies(counts -> assertThat(counts.emittedTokens()).isEqualTo(all - both));
            assertThat(engine.emittedTokens()).isEqualTo(all + both);
        }
    }

    @Test
    void shouldRefuseAPromptWithoutRoomForAResponse() {
        try (GenerationEngine engine = engine(1, List.of())) {
            var request = new SequenceRequest(
                    "long", "p", new int[64], SamplingOptions.greedy(), 4, new SplittableRandomStream(1, 0));
            assertThatThrownBy(() -> engine.submit(request)).hasMessageContaining("leaves no room in a slot of 64");
        }
    }

    private static Map<String, CompletedSequence> run(
            int slots, SettingTable table, SamplingOptions sampling, List<? extends Drafter> drafters) {
        return run(slots, table, sampling, drafters, 25, 7);
    }

    private static Map<String, CompletedSequence> run(
            int slots,
            SettingTable table,
            SamplingOptions sampling,
            List<? extends Drafter> drafters,
            int maxTokens,
            int count) {
        try (GenerationEngine engine = engine(slots, drafters)) {
            engine.use(table);
            for (int i = 0; i < count; i++) {
                engine.submit(request(Character.toString('a' + i), i, maxTokens, sampling));
            }
            return finish(engine);
        }
    }

    private static Map<String, CompletedSequence> finish(GenerationEngine engine) {
        Map<String, CompletedSequence> done = new HashMap<>();
        while (!engine.idle()) {
            engine.step().forEach(sequence -> done.put(sequence.request().id(), sequence));
        }
        return done;
    }

    private static GenerationEngine engine(int slots, List<? extends Drafter> drafters) {
        TargetModel target = TargetModel.load(CHECKPOINT, slots, 64, ComputeType.FLOAT32, new int[0]);
        return new GenerationEngine(target, drafters, List.of(STOP), new StepStatistics(List.of(1, 4, 16)));
    }

    /** Two prompts, so that some requests share theirs. */
    private static SequenceRequest request(String id, int index, int maxTokens, SamplingOptions sampling) {
        int[] prompt = index % 2 == 0 ? new int[] {3, 4, 5, 6} : new int[] {7, 2};
        String group = "prompt-" + index % 2;
        return new SequenceRequest(id, group, prompt, sampling, maxTokens, new SplittableRandomStream(11, index));
    }

    private record RandomDrafter(SplittableRandom random) implements Drafter {
        RandomDrafter(long seed) {
            this(new SplittableRandom(seed));
        }

        @Override
        public String name() {
            return "random";
        }

        @Override
        public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
            int draftLength = setting.draftLength();
            for (int slot = 0; slot < active.size(); slot++) {
                int most = Math.min(draftLength, active.get(slot).draftRoom());
                int count = most <= 0 ? 0 : random.nextInt(most + 1);
                for (int i = 0; i < count; i++) {
                    drafts.buffer(slot)[i] = random.nextInt(VOCABULARY);
                }
                drafts.propose(slot, count, null);
            }
        }
    }

    /** Drafts what will come. */
    private record KnowingDrafter(Map<String, CompletedSequence> future) implements Drafter {
        @Override
        public String name() {
            return "knowing";
        }

        @Override
        public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
            int draftLength = setting.draftLength();
            for (int slot = 0; slot < active.size(); slot++) {
                Sequence sequence = active.get(slot);
                int[] response =
                        requireNonNull(future.get(sequence.request().id())).response();
                int from = sequence.responseLength();
                int count = Math.min(Math.min(draftLength, sequence.draftRoom()), response.length - from);
                System.arraycopy(response, from, drafts.buffer(slot), 0, count);
                drafts.propose(slot, count, null);
            }
        }
    }

    /** Drafts what came for the neighbour. */
    private record StaleDrafter(Map<String, CompletedSequence> past) implements Drafter {
        @Override
        public String name() {
            return "stale";
        }

        @Override
        public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
            int draftLength = setting.draftLength();
            List<String> ids = new ArrayList<>(past.keySet());
            for (int slot = 0; slot < active.size(); slot++) {
                Sequence sequence = active.get(slot);
                int[] response =
                        requireNonNull(past.get(ids.get(slot % ids.size()))).response();
                int count = Math.min(Math.min(draftLength, sequence.draftRoom()), response.length);
                System.arraycopy(response, 0, drafts.buffer(slot), 0, count);
                drafts.propose(slot, count, null);
            }
        }
    }
}
