package dev.respec.trainer.curriculum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.GroupStatus;
import dev.respec.trainer.admission.AdmissionState;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.assembly.ScoredRecords;
import dev.respec.trainer.curriculum.CurriculumRules.Unseen;
import dev.respec.trainer.data.Prompt;
import dev.respec.trainer.data.PromptSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class PromptDrawsTest {
    private static final int DRAWS = 40_000;
    private static final int GROUP_SIZE = 4;

    /** As many prompts as asked for, p0 and up, in reverse order over and over. */
    private record Countdown(int count) implements PromptSource {
        @Override
        public Prompt at(long position) {
            return prompt(count - 1 - (int) (position % count));
        }

        @Override
        public List<Prompt> head(int most) {
            return IntStream.range(0, Math.min(most, count))
                    .mapToObj(Countdown::prompt)
                    .toList();
        }

        private static Prompt prompt(int number) {
            return new Prompt("p" + number, "question " + number, "exact-match", "1", Map.of());
        }

        @Override
        public OptionalInt size() {
            return OptionalInt.of(count);
        }
    }

    @Test
    void shouldDrawPromptsInProportionToTheirWeights() {
        // Given pass rates 0, 1/4, 1/2 and 1 over the last two groups of each, and one prompt that was never asked
        var state = state(Map.of(
                "p0", List.of(0.0, 0.0),
                "p1", List.of(0.0, 0.5),
                "p2", List.of(0.25, 0.75),
                "p3", List.of(1.0, 1.0)));

        // When
        var linear = frequencies(new CurriculumRules(2, 1, 0.1, Unseen.NEUTRAL, 3), 5, state);
        var sharp = frequencies(new CurriculumRules(2, 2, 0.1, Unseen.NEUTRAL, 3), 5, state);
        var even = frequencies(new CurriculumRules(2, 0, 0.1, Unseen.NEUTRAL, 3), 5, state);

        // Then max(floor, (4p(1 − p))^sharpness), a prompt without a pass rate as at 1/2
        assertProportional(linear, 0.1, 0.75, 1, 0.1, 1);
        assertProportional(sharp, 0.1, 0.5625, 1, 0.1, 1);
        assertProportional(even, 1, 1, 1, 1, 1);
    }

    @Test
    void shouldGiveAPromptThatNobodyAnsweredTheLeastWeight() {
        var state = state(Map.of("p0", List.of(), "p1", List.of(0.5)));

        assertProportional(frequencies(new CurriculumRules(2, 1, 0.2, Unseen.FIRST, 3), 2, state), 0.2, 1);
    }

    @Test
    void shouldCountTheNewestGroupsOnly() {
        // Given a prompt that failed, failed, and passed since
        var draws = draws(new CurriculumRules(2, 1, 0.1, Unseen.FIRST, 3), 1, CurriculumState.INITIAL);
        for (double[] rewards : new double[][] {{0, 0, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 0}}) {
            draws.endStep(List.of(group(0, "p0", rewards)), AdmissionState.initial());
        }

        assertThat(draws.state().passRates()).containsEntry("p0", List.of(0.0, 0.75));
        assertThat(draws.seen()).isEqualTo(1);
        assertThat(draws.withRate(0)).isZero();
    }

    @Test
    void shouldAskEveryPromptOnceInTheOrderOfTheDataBeforeAnyAgain() {
        // Given
        var draws = draws(new CurriculumRules(2, 1, 0.1, Unseen.FIRST, 3), 7, CurriculumState.INITIAL);
        var first = new ArrayList<String>();

        // When three prompts are asked per step, and answered with pass rate 1/2, the best weight there is
        for (long position = 0; position < 9; position++) {
            first.add(draws.at(position).id());
            if (position % 3 == 2) {
                var from = first.size() - 3;
                var groups = IntStream.range(from, first.size())
                        .mapToObj(i -> group(i, first.get(i), 1, 0, 1, 0))
                        .toList();
                draws.endStep(groups, AdmissionState.initial());
            }
        }

        // Then
        assertThat(first.subList(0, 7)).containsExactly("p6", "p5", "p4", "p3", "p2", "p1", "p0");
    }

    @Test
    void shouldNotDrawWhatAwaitsAStepUnlessEverythingDoes() {
        var state = state(Map.of("p0", List.of(0.5), "p1", List.of(0.0), "p2", List.of(1.0), "p3", List.of(0.5)));
        var draws = draws(new CurriculumRules(2, 1, 0.01, Unseen.FIRST, 3), 4, state);

        var ids = LongStream.range(0, 4).mapToObj(position -> draws.at(position).id());

        assertThat(ids).containsExactlyInAnyOrder("p0", "p1", "p2", "p3");
        assertThat(draws.at(4).id()).isIn("p0", "p1", "p2", "p3");
        assertThat(draws.at(2)).as("a position keeps its prompt").isEqualTo(draws.at(2));
    }

    /** As TrainerResumeIT, with many random runs: admission, groups, steps, and a crash that loses the step under way. */
    @Test
    void shouldDrawAfterACrashWhatItWouldHaveDrawn() {
        for (long seed = 0; seed < 200; seed++) {
            var calm = new Run(seed, -1).play();
            for (int crash = 0; crash < 10; crash++) {
                assertThat(new Run(seed, crash).play())
                        .as("seed %d, crash %d", seed, crash)
                        .isEqualTo(calm);
            }
        }
    }

    /** Asks two to four prompts a step; a step takes all answers that were asked before it. */
    private static final class Run {
        private final Random random;
        private final CurriculumRules rules;
        private final int prompts;
        private final int crashInStep;
        private final List<String> asked = new ArrayList<>();
        private CurriculumState checkpoint = CurriculumState.INITIAL;
        private PromptDraws draws;

        Run(long seed, int crashInStep) {
            this.random = new Random(seed);
            this.crashInStep = crashInStep;
            prompts = 3 + random.nextInt(10);
            rules = new CurriculumRules(
                    1 + random.nextInt(3), 1, 0.1, random.nextBoolean() ? Unseen.FIRST : Unseen.NEUTRAL, seed);
            draws = draws(rules, prompts, checkpoint);
        }

        List<String> play() {
            for (int step = 0; step < 10; step++) {
                var from = asked.size();
                var most = 2 + random.nextInt(3);
                var crashAfter = random.nextInt(most + 1);
                for (int i = 0; i < most; i++) {
                    if (step == crashInStep && i == crashAfter) {
                        crash(from);
                    }
                    asked.add(draws.at(asked.size()).id());
                }
                var groups = new ArrayList<ScoredGroup>();
                for (int i = from; i < asked.size(); i++) {
                    groups.add(group(i, asked.get(i), answers(i)));
                }
                draws.endStep(groups, AdmissionState.initial());
                checkpoint = draws.state();
            }
            return asked;
        }

        /** What was asked since the checkpoint is in the topic. */
        private void crash(int from) {
            draws = draws(rules, prompts, checkpoint);
            for (int position = from; position < asked.size(); position++) {
                draws.recover(position, asked.get(position));
            }
        }

        private double[] answers(int index) {
            var answers = new Random(31L * index + prompts);
            return IntStream.range(0, GROUP_SIZE)
                    .mapToDouble(sample -> answers.nextInt(2))
                    .toArray();
        }
    }

    @Test
    void shouldKeepThePromptsInFlightWhenItIsSwitchedOnOrOff() {
        // Given positions 3 and 4 in flight in the order of the data: p1 and p0 of five
        var inFlight = new AdmissionState(
                2, 5, 0, List.of(new Ticket(0, 3, 0), new Ticket(1, 4, 1)), List.of(), 0, List.of(), List.of(), 0);
        var rules = new CurriculumRules(2, 1, 0.1, Unseen.FIRST, 3);

        // When
        var on = new PromptDraws(new Countdown(5), rules, CurriculumState.INITIAL, inFlight);
        assertThat(on.at(3).id()).isEqualTo("p1");
        assertThat(on.at(4).id()).isEqualTo("p0");
        assertThat(on.at(5).id()).isEqualTo("p4");
        var off = new PromptDraws(new Countdown(5), null, on.state(), inFlight);

        // Then
        assertThat(off.at(3).id()).isEqualTo("p1");
        assertThat(off.at(5).id()).as("drawn before").isEqualTo("p4");
        assertThat(off.at(6).id()).as("in the order of the data").isEqualTo("p3");
        off.recover(7, "p0");
        assertThat(off.at(7).id()).as("published by a life with the curriculum").isEqualTo("p0");
    }

    private static PromptDraws draws(CurriculumRules rules, int prompts, CurriculumState state) {
        return new PromptDraws(new Countdown(prompts), rules, state, AdmissionState.initial());
    }

    private static CurriculumState state(Map<String, List<Double>> passRates) {
        return new CurriculumState(new TreeMap<>(passRates), new TreeMap<>());
    }

    private static Map<String, Integer> frequencies(CurriculumRules rules, int prompts, CurriculumState state) {
        var draws = draws(rules, prompts, state);
        var counts = new HashMap<String, Integer>();
        for (long position = 0; position < DRAWS; position++) {
            counts.merge(draws.at(position).id(), 1, Integer::sum);
            draws = draws(rules, prompts, state);
        }
        return counts;
    }

    /** Within five standard deviations of the binomial distribution. */
    private static void assertProportional(Map<String, Integer> counts, double... weights) {
        var sum = Arrays.stream(weights).sum();
        for (int i = 0; i < weights.length; i++) {
            var share = weights[i] / sum;
            assertThat((double) counts.getOrDefault("p" + i, 0))
                    .as("p%d", i)
                    .isCloseTo(DRAWS * share, within(5 * Math.sqrt(DRAWS * share * (1 - share))));
        }
    }

    private static ScoredGroup group(long index, String promptId, double... rewards) {
        var id = "run/" + index;
        var rollouts = IntStream.range(0, rewards.length)
                .mapToObj(sample -> {
                    var rollout = ScoredRecords.rollout("run", id, sample, rewards.length, 0);
                    rollout.setPromptId(promptId);
                    return ScoredRecords.scored(
                            "run", id, rollout, GroupStatus.COMPLETE, rewards.length, rewards.length, rewards[sample]);
                })
                .toList();
        return new ScoredGroup(id, ScoredGroup.Status.COMPLETE, rollouts, 0, 0, 1, ScoredRecords.EPOCH);
    }
}
