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

/** Random interleavings of admission, completion, drops, steps and crashes; the seed is in every failure message. */
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
        private final Map<Long, Boolean> complete = new HashMap<>();

        private AdmissionState checkpoint = AdmissionState.initial();
        private long version;
        private final Set<Long> consumedByCheckpoint = new HashSet<>();
        private final Map<Long, Integer> trained = new HashMap<>();

        private Admission admission;
        private final List<Ticket> selected = new ArrayList<>();
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
                complete.put(ticket.requestIndex(), random.nextInt(4) > 0);
            }
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
            if (complete.getOrDefault(index, false) && admission.awaits(index)) {
                admission.accept(index);
                selected.add(ticket(index));
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
            consumedByCheckpoint.addAll(read);
            read.clear();
            version++;
            checkpoint = admission.state();
        }

        private void crash() {
            selected.clear();
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
                assertThat(trained.containsKey(position) ^ waiting.contains(position))
                        .as("seed %d: prompt %d is trained or waits, not both, not lost", seed, position)
                        .isTrue();
            }
        }
    }
}
