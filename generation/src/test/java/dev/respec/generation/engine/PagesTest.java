package dev.respec.generation.engine;

import static dev.respec.generation.engine.PagedEngines.POLICY;
import static dev.respec.generation.engine.PagedEngines.POSITIONS;
import static dev.respec.generation.engine.PagedEngines.engine;
import static dev.respec.generation.engine.PagedEngines.finish;
import static dev.respec.generation.engine.PagedEngines.pool;
import static dev.respec.generation.engine.PagedEngines.prompt;
import static dev.respec.generation.engine.PagedEngines.request;
import static dev.respec.generation.engine.PagedEngines.unstopped;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.CacheMemory;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.PageTable;
import dev.respec.model.eagle3.Eagle3Drafter;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever pages there are, what is emitted is what full capacity for every sequence would give. */
class PagesTest {
    private static final int SLOTS = 6;
    private static final int CAPACITY = 96;
    /** Not twice as many as one sequence of full capacity takes, so that sequences have to give way. */
    private static final int FEW = 11;

    private static final CacheSize WHOLE = CacheSize.whole(SLOTS, CAPACITY);

    @BeforeEach
    void hasPages() {
        assumeTrue(new CacheMemory(POLICY.config(), ComputeType.BFLOAT16, 0).isPaged(), "this Java has no vectors");
    }

    @ParameterizedTest
    @CsvSource({
        "off, 0, 0",
        "suffix, 6, 0",
        "eagle3, 3, 0",
        "eagle3, 5x4/20, 0",
        "model, 4, 0",
        "off, 0, 1",
        "suffix, 6, 1",
        "eagle3, 5x4/20, 1"
    })
    void shouldEmitWithFewPagesWhatFullCapacityEmits(String drafter, String shape, double temperature) {
        SettingTable plain = SettingTable.plain();
        SettingTable table = drafter.equals("off") ? plain : SettingTable.always(setting(drafter, shape));
        SamplingOptions sampling =
                temperature == 0 ? SamplingOptions.greedy() : SamplingOptions.atTemperature(temperature);
        Map<String, CompletedSequence> expected = run(WHOLE, plain, sampling, 0);

        Map<String, CompletedSequence> actual = run(new CacheSize(SLOTS, CAPACITY, FEW), table, sampling, 1);

        assertSame(actual, expected);
    }

    /** Chains that were sampled draw by their own numbers: the same distribution, not the same tokens. */
    @Test
    void shouldEndEverySequenceWithSampledDraftsAndFewPages() {
        for (String drafter : List.of("eagle3", "model")) {
            SettingTable table = SettingTable.always(Setting.chain(drafter, 4));
            var done = run(new CacheSize(SLOTS, CAPACITY, FEW), table, SamplingOptions.atTemperature(1), 1);
            assertThat(done).hasSize(12);
            assertThat(done.values())
                    .allSatisfy(
                            sequence -> assertThat(sequence.logProbabilities()).hasSameSizeAs(sequence.response()));
        }
    }

    private static void assertSame(Map<String, CompletedSequence> actual, Map<String, CompletedSequence> expected) {
        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((id, sequence) -> {
            CompletedSequence same = requireNonNull(actual.get(id));
            assertThat(same.response()).as(id).isEqualTo(sequence.response());
            assertThat(same.reason()).isEqualTo(sequence.reason());
            assertThat(same.logProbabilities()).containsExactly(sequence.logProbabilities(), within(1e-4f));
        });
    }

    /** Twelve sequences of two prompts. */
    private static Map<String, CompletedSequence> run(
            CacheSize size, SettingTable table, SamplingOptions sampling, int leastPreemptions) {
        try (GenerationEngine engine = unstopped(size, PagedEngines.drafter(size))) {
            engine.use(table);
            for (int i = 0; i < 12; i++) {
                engine.submit(request(i, prompt(i % 2 == 0 ? 20 : 33, i % 2), sampling, 60));
            }
            Map<String, CompletedSequence> done = finish(engine);
            assertThat(engine.cacheUse().preemptions()).isGreaterThanOrEqualTo(leastPreemptions);
            assertThat(engine.cacheUse().pages()).isEqualTo(size.pages());
            assertNothingHeld(engine);
            return done;
        }
    }

    private static void assertNothingHeld(GenerationEngine engine) {
        engine.adoptPolicy(POLICY, 1, GenerationEngine.CachesOnSwap.KEEP);
        assertThat(pool(engine).inUse()).isZero();
    }

    @Test
    void shouldHoldAPromptOnceForItsGroup() {
        int[] prompt = prompt(65, 7);
        try (GenerationEngine engine = unstopped(WHOLE, PagedEngines.drafter(WHOLE))) {
            for (int i = 0; i < SLOTS; i++) {
                engine.submit(request(i, prompt, SamplingOptions.atTemperature(1), 20));
            }
            engine.step();

            // Then 64 columns are four pages, and each sample has one of its own for the token behind them
            assertThat(engine.activeSequences()).isEqualTo(SLOTS);
            assertThat(pool(engine).inUse()).isEqualTo(4 + SLOTS);
            assertThat(engine.promptTokens()).isEqualTo(64);
            assertThat(engine.cacheUse().reusedPromptTokens()).isEqualTo(64 * (SLOTS - 1));

            Map<String, CompletedSequence> together = finish(engine);
            for (int i = 0; i < SLOTS; i++) {
                try (GenerationEngine alone = unstopped(WHOLE, PagedEngines.drafter(WHOLE))) {
                    alone.submit(request(i, prompt, SamplingOptions.atTemperature(1), 20));
                    Map<String, CompletedSequence> expected = finish(alone);
                    assertSame(Map.of("r" + i, requireNonNull(together.get("r" + i))), expected);
                }
            }
            assertNothingHeld(engine);
        }
    }

    /** As costs are measured: a step reads what one of different prompts reads. */
    @Test
    void shouldHoldAPromptForEachSampleWhereItIsToBeHeldApart() {
        try (GenerationEngine engine = unstopped(WHOLE, PagedEngines.drafter(WHOLE))) {
            engine.hold(Prefixes.APART);
            for (int i = 0; i < SLOTS; i++) {
                engine.submit(request(i, prompt(65, 7), SamplingOptions.atTemperature(1), 20));
            }
            engine.step();
            assertThat(engine.promptTokens()).isEqualTo(64);
            assertThat(pool(engine).inUse()).isEqualTo(5 * SLOTS);
            finish(engine);
            assertNothingHeld(engine);
        }
    }

    @Test
    void shouldTakeWhatAPromptHasInCommonWithAnEarlierOne() {
        int[] first = prompt(50, 7);
        int[] second = first.clone();
        second[40] = first[40] % (PagedEngines.VOCABULARY - 1) + 1;
        try (GenerationEngine engine = engine(WHOLE)) {
            engine.submit(request(0, first, SamplingOptions.greedy(), 10));
            finish(engine);
            engine.submit(request(1, first, SamplingOptions.greedy(), 10));
            engine.submit(request(2, second, SamplingOptions.greedy(), 10));
            Map<String, CompletedSequence> done = finish(engine);
            assertThat(engine.promptTokens()).isEqualTo(49 + 49 - 40);
            assertThat(engine.cacheUse().reusedPromptTokens()).isEqualTo(49 + 40);
            try (GenerationEngine alone = engine(WHOLE)) {
                alone.submit(request(2, second, SamplingOptions.greedy(), 10));
                assertSame(Map.of("r2", requireNonNull(done.get("r2"))), finish(alone));
            }

            // And nothing of older weights
            engine.adoptPolicy(PagedEngines.OTHER, 1, GenerationEngine.CachesOnSwap.KEEP);
            long computed = engine.promptTokens();
            engine.submit(request(3, first, SamplingOptions.greedy(), 10));
            finish(engine);
            assertThat(engine.promptTokens() - computed).isEqualTo(49);
        }
    }

    @Test
    void shouldReachTheModelsLimitWithoutReservingItForEverySlot() {
        int pages = PageTable.pagesOf(POSITIONS);
        CacheSize size = CacheSize.whole(4, POSITIONS);
        try (GenerationEngine few = unstopped(new CacheSize(4, POSITIONS, pages), PagedEngines.drafter(size));
                GenerationEngine whole = unstopped(size, PagedEngines.drafter(size))) {
            for (GenerationEngine engine : List.of(few, whole)) {
                engine.use(SettingTable.always(Setting.chain("suffix", 4)));
                for (int i = 0; i < 4; i++) {
                    engine.submit(request(i, prompt(30 + i, 100 + i), SamplingOptions.greedy(), POSITIONS));
                }
            }
            Map<String, CompletedSequence> expected = finish(whole);
            assertThat(expected.values())
                    .allMatch(sequence -> sequence.request().prompt().length + sequence.response().length == POSITIONS);
            assertSame(finish(few), expected);
            assertThat(few.cacheUse().preemptions()).isPositive();
            assertNothingHeld(few);
        }
    }

    @Test
    void shouldLetTheOldestGoOnWhenPagesRunOut() {
        CacheSize size = new CacheSize(SLOTS, CAPACITY, FEW);
        try (GenerationEngine engine = unstopped(size, PagedEngines.drafter(size))) {
            for (int i = 0; i < SLOTS; i++) {
                engine.submit(request(i, prompt(20 + i, 50 + i), SamplingOptions.greedy(), 70));
            }
            Set<String> ended = new HashSet<>();
            while (!engine.idle()) {
                long before = engine.emittedTokens();
                engine.step().forEach(sequence -> ended.add(sequence.request().id()));
                assertThat(engine.emittedTokens()).isGreaterThan(before);
                assertThat(pool(engine).inUse()).isLessThanOrEqualTo(FEW);
            }
            assertThat(ended).hasSize(SLOTS);
        }
    }

    @Test
    void shouldReturnAsCancelledWhatHadGivenWay() {
        CacheSize size = new CacheSize(SLOTS, CAPACITY, FEW);
        try (GenerationEngine engine = unstopped(size, PagedEngines.drafter(size))) {
            for (int i = 0; i < SLOTS; i++) {
                engine.submit(request(i, prompt(20 + i, 50 + i), SamplingOptions.greedy(), 70));
            }
            Set<String> ended = new HashSet<>();
            while (engine.cacheUse().preemptions() == 0) {
                engine.step().forEach(sequence -> ended.add(sequence.request().id()));
            }
            int active = engine.activeSequences();
            List<CompletedSequence> cancelled = engine.cancel(request -> true);
            assertThat(cancelled).hasSizeGreaterThan(active);
            assertThat(cancelled)
                    .allSatisfy(
                            sequence -> assertThat(sequence.reason()).isEqualTo(CompletedSequence.Reason.CANCELLED));
            assertThat(engine.idle()).isTrue();
            assertNothingHeld(engine);
        }
    }

    /** Anything in any order, and at the end every request has had its answer and no page is held. */
    @Test
    void shouldHoldNothingAfterTenThousandRandomOperations() {
        Random random = new Random(Long.getLong("respec.test.seed", 11));
        Setting[] settings = {
            Setting.OFF,
            Setting.chain("suffix", 5),
            Setting.chain("eagle3", 3),
            Setting.tree("eagle3", "4x3/12"),
            Setting.chain("model", 3)
        };
        CacheSize size = new CacheSize(SLOTS, CAPACITY, FEW);
        try (GenerationEngine engine = unstopped(size, PagedEngines.drafter(size))) {
            Set<String> open = new HashSet<>();
            for (int operation = 0; operation < 10_000; operation++) {
                switch (random.nextInt(12)) {
                    case 0, 1 -> {
                        if (open.size() < 20) {
                            int[] prompt = prompt(1 + random.nextInt(60), random.nextInt(3));
                            var sampling =
                                    random.nextBoolean() ? SamplingOptions.greedy() : SamplingOptions.atTemperature(1);
                            engine.submit(request(operation, prompt, sampling, 1 + random.nextInt(40)));
                            open.add("r" + operation);
                        }
                    }
                    case 2 -> {
                        int which = random.nextInt(20);
                        engine.cancel(request -> request.id().hashCode() % 20 == which);
                        open.removeIf(id -> id.hashCode() % 20 == which);
                    }
                    case 3 -> {
                        if (random.nextInt(20) == 0) {
                            var caches = random.nextBoolean()
                                    ? GenerationEngine.CachesOnSwap.KEEP
                                    : GenerationEngine.CachesOnSwap.RECOMPUTE;
                            engine.adoptPolicy(random.nextBoolean() ? POLICY : PagedEngines.OTHER, operation, caches);
                        }
                    }
                    case 4 -> engine.use(SettingTable.always(settings[random.nextInt(settings.length)]));
                    default ->
                        engine.step().forEach(done -> open.remove(done.request().id()));
                }
            }
            finish(engine).keySet().forEach(open::remove);
            assertThat(open).isEmpty();
            assertThat(engine.cacheUse().preemptions()).isPositive();
            assertNothingHeld(engine);
        }
    }

    @Test
    void shouldExtendADraftersCacheInPieces() {
        CacheSize size = CacheSize.whole(4, POSITIONS);
        Eagle3Drafter drafter = PagedEngines.drafter(size);
        try (GenerationEngine engine = unstopped(size, drafter);
                GenerationEngine plain = unstopped(size, PagedEngines.drafter(size))) {
            for (GenerationEngine each : List.of(engine, plain)) {
                for (int i = 0; i < 4; i++) {
                    each.submit(request(i, prompt(400 + i, i), SamplingOptions.greedy(), 60));
                }
            }
            // Given four sequences of whose prompts the drafter knows nothing
            while (engine.activeSequences() < 4) {
                engine.step();
            }
            int longest = 0;
            int undrafted = 0;
            engine.use(SettingTable.always(Setting.chain("eagle3", 3)));
            Map<String, CompletedSequence> done = new HashMap<>();
            while (!engine.idle()) {
                int[] before = lengths(drafter);
                List<CompletedSequence> ended = engine.step();
                ended.forEach(sequence -> done.put(sequence.request().id(), sequence));
                if (ended.isEmpty()) {
                    int[] after = lengths(drafter);
                    int rows = 0;
                    for (int slot = 0; slot < 4; slot++) {
                        rows += after[slot] - before[slot];
                    }
                    longest = Math.max(longest, rows);
                    undrafted += rows > 100 ? 1 : 0;
                }
            }
            // Then no step extended by more than its share, and what was emitted is what plain decoding emits
            assertThat(longest).isBetween(1, Eagle3Drafting.ROWS_A_STEP + 4 * 16);
            assertThat(undrafted).isGreaterThanOrEqualTo(4 * 400 / (Eagle3Drafting.ROWS_A_STEP + 4 * 16));
            assertSame(done, finish(plain));
            assertThat(done.values()).anyMatch(sequence -> sequence.draftedTokens() > 0);
        }
    }

    @Test
    void shouldExtendADraftersCacheAtOnceWhenCostsAreMeasured() {
        CacheSize size = CacheSize.whole(4, POSITIONS);
        Eagle3Drafter drafter = PagedEngines.drafter(size);
        try (GenerationEngine engine = unstopped(size, drafter)) {
            for (int i = 0; i < 4; i++) {
                engine.submit(request(i, prompt(400 + i, i), SamplingOptions.greedy(), 100));
            }
            while (engine.activeSequences() < 4) {
                engine.step();
            }
            engine.use(SettingTable.always(Setting.chain("eagle3", 3)));
            engine.rehearse();
            assertThat(Arrays.stream(lengths(drafter)).min().orElse(0)).isGreaterThanOrEqualTo(399);
        }
    }

    private static int[] lengths(Eagle3Drafter drafter) {
        return new int[] {drafter.length(0), drafter.length(1), drafter.length(2), drafter.length(3)};
    }

    private static Setting setting(String drafter, String shape) {
        return shape.contains("x") ? Setting.tree(drafter, shape) : Setting.chain(drafter, Integer.parseInt(shape));
    }
}
