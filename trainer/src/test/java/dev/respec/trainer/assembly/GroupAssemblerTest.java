package dev.respec.trainer.assembly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.ScoredRollout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupAssemblerTest {
    private static final String TOPIC = "scored-rollouts";
    private static final String RUN = "run";

    @Test
    void shouldTakeACompleteGroupAndNameItsOffsets() {
        // Given
        var assembler = new GroupAssembler(TOPIC, RUN, Cursor.at(Map.of(0, 10L)));
        var log = ScoredRecords.complete(RUN, "run/7", 2);

        // When
        add(assembler, 12, log.get(0));
        assertThat(assembler.take()).isEmpty();
        add(assembler, 13, log.get(1));
        var group = assembler.take().orElseThrow();
        var ranges = assembler.commit();

        // Then
        assertThat(group.status()).isEqualTo(ScoredGroup.Status.COMPLETE);
        assertThat(group.requestIndex()).isEqualTo(7);
        assertThat(group.rollouts()).hasSize(2);
        assertThat(ranges).singleElement().satisfies(range -> {
            assertThat(range.getTopic()).isEqualTo(TOPIC);
            assertThat(range.getFromOffset()).isEqualTo(10);
            assertThat(range.getToOffset()).isEqualTo(14);
        });
    }

    @Test
    void shouldEndTheRangeBeforeAGroupThatWasNotTaken() {
        var assembler = new GroupAssembler(TOPIC, RUN, Cursor.at(Map.of(0, 0L)));
        var offset = 0;
        for (var record : ScoredRecords.complete(RUN, "run/0", 2)) {
            add(assembler, offset++, record);
        }
        add(assembler, offset++, ScoredRecords.complete("other", "other/0", 2).get(0));
        for (var record : ScoredRecords.complete(RUN, "run/1", 2)) {
            add(assembler, offset++, record);
        }

        assembler.take();
        assembler.commit();

        assertThat(assembler.cursor()).isEqualTo(Cursor.at(Map.of(0, 3L)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mine",
                "mine/0",
                "run/",
                "run/x",
                "run/00",
                "run/-1",
                "run/0/0",
                "run/evaluation/2/sums/greedy/0/0"
            })
    void shouldSkipRequestsThatNoTrainerMade(String foreignId) {
        var assembler = new GroupAssembler(TOPIC, RUN, Cursor.at(Map.of(0, 0L)));
        var offset = 0;
        for (var record : ScoredRecords.complete(RUN, foreignId, 2)) {
            add(assembler, offset++, record);
        }
        for (var record : ScoredRecords.complete(RUN, "run/0", 2)) {
            add(assembler, offset++, record);
        }

        assertThat(assembler.take())
                .hasValueSatisfying(group -> assertThat(group.requestId()).isEqualTo("run/0"));
        assertThat(assembler.take()).isEmpty();
        assertThat(assembler.commit())
                .singleElement()
                .satisfies(range -> assertThat(range.getToOffset()).isEqualTo(4));
    }

    @Test
    void shouldHandOutAnIncompleteGroupWhenItIsClosed() {
        var assembler = new GroupAssembler(TOPIC, RUN, Cursor.at(Map.of(0, 0L)));
        var records = ScoredRecords.incomplete(RUN, "run/0", 4, 2);

        for (int offset = 0; offset < records.size(); offset++) {
            assertThat(assembler.take()).isEmpty();
            add(assembler, offset, records.get(offset));
        }

        assertThat(assembler.take()).hasValueSatisfying(group -> {
            assertThat(group.status()).isEqualTo(ScoredGroup.Status.INCOMPLETE);
            assertThat(group.rollouts()).hasSize(2);
        });
    }

    @Test
    void shouldCountARepeatedSampleOnce() {
        var assembler = new GroupAssembler(TOPIC, RUN, Cursor.at(Map.of(0, 0L)));
        var records = ScoredRecords.complete(RUN, "run/0", 2);

        add(assembler, 0, records.get(0));
        add(assembler, 1, records.get(0));
        assertThat(assembler.take()).isEmpty();
        add(assembler, 2, records.get(1));

        assertThat(assembler.take())
                .hasValueSatisfying(group -> assertThat(group.rollouts()).hasSize(2));
    }

    @Test
    void shouldRefuseOffsetsThatGoBack() {
        var assembler = new GroupAssembler(TOPIC, RUN, Cursor.at(Map.of(0, 5L)));
        var record = ScoredRecords.complete(RUN, "run/0", 2).get(0);

        assertThatThrownBy(() -> add(assembler, 4, record)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> assembler.add(3, 0, ScoredRecords.EPOCH, record))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldTileTheTopicOverRandomSplitsAndRestarts(boolean interleaved) {
        for (long seed = 0; seed < 500; seed++) {
            new Reading(seed, interleaved).play();
        }
    }

    private static void add(GroupAssembler assembler, long offset, ScoredRollout record) {
        assembler.add(0, offset, ScoredRecords.EPOCH.plusMillis(offset), record);
    }

    /** Reads a random log in random portions, with steps and restarts in between. */
    private static final class Reading {
        private final long seed;
        private final Random random;
        private final boolean interleaved;
        private final int groupsPerStep;
        /** By partition, then offset. */
        private final List<TreeMap<Long, ScoredRollout>> log =
                List.of(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

        private final List<String> written = new ArrayList<>();
        private final List<String> consumed = new ArrayList<>();
        private final Map<Integer, Long> tiledTo = new HashMap<>();
        private Cursor cursor;
        private GroupAssembler assembler;
        private final Map<Integer, Long> position = new HashMap<>();
        private final List<String> step = new ArrayList<>();

        Reading(long seed, boolean interleaved) {
            this.seed = seed;
            this.interleaved = interleaved;
            random = new Random(seed);
            groupsPerStep = 1 + random.nextInt(4);
            for (int partition = 0; partition < 3; partition++) {
                tiledTo.put(partition, 0L);
            }
            write(30);
            cursor = Cursor.at(Map.of(0, 0L, 1, 0L, 2, 0L));
            assembler = restart();
        }

        private void write(int groups) {
            var pending = new HashMap<Integer, List<List<ScoredRollout>>>();
            for (int i = 0; i < groups; i++) {
                var run = random.nextInt(6) == 0 ? "other" : RUN;
                var id = run + "/" + i;
                var size = 1 + random.nextInt(3);
                var group = random.nextInt(5) == 0
                        ? ScoredRecords.incomplete(run, id, size, random.nextInt(size))
                        : ScoredRecords.complete(run, id, size);
                pending.computeIfAbsent(random.nextInt(3), partition -> new ArrayList<>())
                        .add(new ArrayList<>(group));
                if (run.equals(RUN)) {
                    written.add(id);
                }
            }
            pending.forEach((partition, waiting) -> {
                var offset = 0L;
                while (!waiting.isEmpty()) {
                    // Gaps stand for transaction markers.
                    offset += random.nextInt(3) == 0 ? 2 : 1;
                    var group = waiting.get(interleaved ? random.nextInt(Math.min(3, waiting.size())) : 0);
                    log.get(partition).put(offset, group.remove(0));
                    waiting.removeIf(List::isEmpty);
                }
            });
        }

        void play() {
            while (consumed.size() + groupsPerStep <= written.size()) {
                switch (random.nextInt(12)) {
                    case 0 -> {
                        step.clear();
                        assembler = restart();
                    }
                    case 1, 2, 3 -> take();
                    default -> readOne();
                }
            }
            assertThat(consumed).as("seed %d", seed).doesNotHaveDuplicates().isSubsetOf(written);
            assertThat(written.size() - consumed.size()).as("seed %d", seed).isLessThan(groupsPerStep);
        }

        private GroupAssembler restart() {
            position.clear();
            position.putAll(cursor.offsets());
            return new GroupAssembler(TOPIC, RUN, cursor);
        }

        private void readOne() {
            var partition = random.nextInt(3);
            var next = log.get(partition).ceilingEntry(position.get(partition));
            if (next != null) {
                assembler.add(partition, next.getKey(), ScoredRecords.EPOCH.plusMillis(next.getKey()), next.getValue());
                position.put(partition, next.getKey() + 1);
            }
        }

        private void take() {
            assembler.take().ifPresent(group -> step.add(group.requestId()));
            if (step.size() < groupsPerStep) {
                return;
            }
            var ranges = assembler.commit();
            assertThat(ranges.stream().map(range -> range.getPartition()).collect(Collectors.toSet()))
                    .hasSameSizeAs(ranges);
            for (var range : ranges) {
                assertThat(range.getFromOffset())
                        .as(
                                "seed %d: range of partition %d starts where the last one ended",
                                seed, range.getPartition())
                        .isEqualTo(tiledTo.put(range.getPartition(), range.getToOffset()));
            }
            if (!interleaved) {
                assertStepLiesInItsRanges();
            }
            consumed.addAll(step);
            step.clear();
            cursor = assembler.cursor();
        }

        /** All records of the run before the ranges' ends, and none behind them, are those of consumed groups. */
        private void assertStepLiesInItsRanges() {
            var covered = IntStream.range(0, log.size())
                    .boxed()
                    .flatMap(partition ->
                            log.get(partition).headMap(tiledTo.getOrDefault(partition, 0L)).values().stream())
                    .filter(record -> record.getRunId().equals(RUN))
                    .map(ScoredRollout::getRequestId)
                    .distinct()
                    .sorted(Comparator.naturalOrder())
                    .toList();
            var taken = new ArrayList<>(consumed);
            taken.addAll(step);
            assertThat(covered).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(taken);
        }
    }
}
