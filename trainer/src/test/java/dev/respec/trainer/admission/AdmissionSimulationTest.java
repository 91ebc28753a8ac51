package dev.respec.trainer.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random interleavings of admission, completion, drops, groups set aside, steps and crashes; the seed is in every failure message. */
class AdmissionSimulationTest {
    private static final int SEEDS = Integer.getInteger("respec.simulation.seeds", 2_000);

    @Test
    void shouldKeepTheBoundAndEveryPromptOverCrashes() {
        for (long seed = 0; seed < SEEDS; seed++) {
            new Run(seed).play();
        }
    }

    /** A trainer that reads groups from a log; a crash forgets everything but the checkpoint and the log. */
    private static final class Run {
        private final long seed;
        private final Random random;
        private final AdmissionBound bound;
        private final int steps;
        /** The topic of requests: durable. */
        private final List<Ticket> published = new ArrayList<>();
        /** What became of each request, decided by fate and the same on every reading. */
        private final Map<Long, Fate> fates = new HashMap<>();

        private enum Fate {
            COMPLETE,
            COMPLETE_WITH_EQUAL_REWARDS,
            INCOMPLETE
        }

        private AdmissionState checkpoint = AdmissionState.initial();
        private long version;
        private final Set<Long> consumedByCheckpoint = new HashSet<>();
        private final Map<Long, Integer> trained = new HashMap<>();
        private final Set<Long> setAside = new HashSet<>();

        private Admission admission;
        private final List<Ticket> selected = new ArrayList<>();
        private final List<Ticket> leftOut = new ArrayList<>();
        private final Set<Long> read = new HashSet<>();

        Run(long seed) {
            this.seed = seed;
            random = new Random(seed);
            steps = 2 + random.nextInt(4);
            var groups = 1 + random.nextInt(5);
            bound = new AdmissionBound(groups, random.nextInt(3), (long) steps * groups, 100);
            admission = new Admission(bound, checkpoint, position -> "p" + position);
        }

        void play() {
            var moves = 0;
            while (version < steps) {
                assertThat(moves++).as("seed %d makes no progress", seed).isLessThan(5_000);
                switch (random.nextInt(10)) {
                    case 0 -> crash();
                    case 1, 2, 3 -> admit();
                    default -> consume();
                }
            }
            verify();
        }

        private void admit() {
            while (admission.open(version) && random.nextInt(8) > 0) {
                var ticket = admission.admit(version);
                assertThat(admission.inFlight() + admission.accepted())
                        .as("seed %d: bound at version %d", seed, version)
                        .isLessThanOrEqualTo((bound.maxStaleness() + version + 1) * bound.groupsPerStep());
                published.add(ticket);
                fates.put(ticket.requestIndex(), fate());
            }
        }

        private Fate fate() {
            return switch (random.nextInt(8)) {
                case 0, 1 -> Fate.INCOMPLETE;
                case 2, 3 -> Fate.COMPLETE_WITH_EQUAL_REWARDS;
                default -> Fate.COMPLETE;
            };
        }

        /** Reads one group that the checkpoint does not cover, in an order that differs after a crash. */
        private void consume() {
            var unread = published.stream()
                    .map(Ticket::requestIndex)
                    .filter(index -> !consumedByCheckpoint.contains(index) && !read.contains(index))
                    .toList();
            if (unread.isEmpty()) {
                return;
            }
            var index = unread.get(random.nextInt(unread.size()));
            read.add(index);
            var fate = fates.get(index);
            if (fate == Fate.COMPLETE && admission.awaits(index)) {
                admission.accept(index);
                selected.add(ticket(index));
            } else if (fate == Fate.COMPLETE_WITH_EQUAL_REWARDS && admission.awaits(index)) {
                admission.setAside(index);
                leftOut.add(ticket(index));
            } else {
                admission.drop(index);
            }
            if (selected.size() == bound.groupsPerStep()) {
                step();
            }
        }

        private void step() {
            selected.forEach(ticket -> trained.merge(ticket.promptPosition(), 1, Integer::sum));
            selected.clear();
            leftOut.forEach(
                    ticket -> assertThat(setAside.add(ticket.promptPosition())).isTrue());
            leftOut.clear();
            consumedByCheckpoint.addAll(read);
            read.clear();
            version++;
            checkpoint = admission.state();
        }

        private void crash() {
            selected.clear();
            leftOut.clear();
            read.clear();
            admission = new Admission(bound, checkpoint, position -> "p" + position);
            published.stream()
                    .sorted(Comparator.comparing(Ticket::requestIndex))
                    .forEach(admission::recover);
        }

        private Ticket ticket(long index) {
            return published.stream()
                    .filter(ticket -> ticket.requestIndex() == index)
                    .findFirst()
                    .orElseThrow();
        }

        private void verify() {
            assertThat(published.stream().map(Ticket::requestIndex))
                    .as("seed %d: indices", seed)
                    .doesNotHaveDuplicates();
            assertThat(published.stream().map(Ticket::question))
                    .as("seed %d: one request a prompt and attempt", seed)
                    .doesNotHaveDuplicates();
            assertThat(trained.values())
                    .as("seed %d: each prompt trained once", seed)
                    .containsOnly(1);
            var waiting = new HashSet<Long>();
            checkpoint.inFlight().stream()
                    .filter(ticket -> !checkpoint.superseded().contains(ticket.requestIndex()))
                    .forEach(ticket -> waiting.add(ticket.promptPosition()));
            checkpoint.again().forEach(question -> waiting.add(question.promptPosition()));
            for (long position = 0; position < checkpoint.nextPosition(); position++) {
                var standings =
                        List.of(trained.containsKey(position), setAside.contains(position), waiting.contains(position));
                assertThat(standings)
                        .as("seed %d: prompt %d is trained, set aside or waits: one of them", seed, position)
                        .containsOnlyOnce(true);
            }
            assertThat(checkpoint.setAside()).as("seed %d", seed).isEqualTo(setAside.size());
        }
    }
}
