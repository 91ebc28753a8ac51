package dev.respec.model.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages against a cache in which every slot has columns of its own. */
class PageTableTest {
    private static final int COLUMNS = PageTable.COLUMNS;

    /** A number in each column of each page. */
    private static final class Numbers implements PageTable.Contents {
        private final long[] values;
        private final List<Integer> opened = new ArrayList<>();

        Numbers(int pages) {
            values = new long[pages * COLUMNS];
        }

        @Override
        public void opened(int page) {
            opened.add(page);
            Arrays.fill(values, page * COLUMNS, (page + 1) * COLUMNS, -1);
        }

        @Override
        public void copyPage(int source, int target) {
            System.arraycopy(values, source * COLUMNS, values, target * COLUMNS, COLUMNS);
        }

        void put(PageTable table, int slot, int column, long value) {
            values[table.page(slot, column) * COLUMNS + column % COLUMNS] = value;
        }

        long get(PageTable table, int slot, int column) {
            return values[table.page(slot, column) * COLUMNS + column % COLUMNS];
        }
    }

    @Test
    void shouldTakePagesAsASlotGrowsAndTheLowestFirst() {
        PageTable table = PageTable.whole(2, 4 * COLUMNS);
        Numbers numbers = new Numbers(8);
        table.open(0, 0, 1, numbers);
        table.open(0, 1, COLUMNS, numbers);
        assertThat(table.pool().inUse()).isEqualTo(1);
        table.open(0, COLUMNS, COLUMNS + 1, numbers);
        table.open(1, 0, 2 * COLUMNS, numbers);
        assertThat(numbers.opened).containsExactly(0, 1, 2, 3);

        table.release(0);
        table.open(1, 2 * COLUMNS, 3 * COLUMNS, numbers);

        assertThat(Arrays.copyOf(table.pages(1), table.count(1))).containsExactly(2, 3, 0);
        assertThat(table.pool().inUse()).isEqualTo(3);
    }

    @Test
    void shouldCopyOnlyTheSharedPageThatIsWrittenTo() {
        PageTable table = PageTable.whole(2, 4 * COLUMNS);
        Numbers numbers = new Numbers(8);
        int prompt = 2 * COLUMNS + 3;
        table.open(0, 0, prompt, numbers);
        for (int column = 0; column < prompt; column++) {
            numbers.put(table, 0, column, column);
        }

        table.share(0, 1, prompt);
        assertThat(table.pool().inUse()).isEqualTo(3);
        assertThat(table.missing(1, prompt, prompt + 1)).isEqualTo(1);
        table.open(1, prompt, prompt + 1, numbers);
        numbers.put(table, 1, prompt, 100);
        table.open(0, prompt, prompt + 1, numbers);
        numbers.put(table, 0, prompt, 200);

        assertThat(table.pool().inUse()).isEqualTo(4);
        assertThat(numbers.get(table, 1, prompt)).isEqualTo(100);
        assertThat(numbers.get(table, 0, prompt)).isEqualTo(200);
        assertThat(numbers.get(table, 1, prompt - 1)).isEqualTo(prompt - 1);
        table.release(0);
        table.release(1);
        assertThat(table.pool().inUse()).isZero();
    }

    @Test
    void shouldSayWhatIsWrongWhenPagesRunOutAndLeaveTheRestAsItWas() {
        PageTable table = new PageTable(2, new PagePool(3));
        Numbers numbers = new Numbers(3);
        table.open(0, 0, 2 * COLUMNS, numbers);
        assertThat(table.missing(1, 0, 2 * COLUMNS)).isEqualTo(2);
        assertThatThrownBy(() -> table.open(1, 0, 2 * COLUMNS, numbers))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("all 3 pages of the key-value cache are in use");
        table.release(1);
        assertThat(table.pool().free()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAPrefixThatWasGivenBack() {
        PageTable table = PageTable.whole(2, COLUMNS);
        table.open(0, 0, 5, new Numbers(2));
        HeldPages held = table.hold(0, 5);
        table.release(0);
        assertThat(table.pool().inUse()).isEqualTo(1);
        table.release(held);
        assertThat(table.pool().inUse()).isZero();
        assertThatThrownBy(() -> table.release(held)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> table.share(held, 1, 5)).isInstanceOf(IllegalStateException.class);
    }

    /** Every slot reads what was written to it, and nothing is held when all is given back. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void shouldKeepEverySlotsColumnsAndLeakNothing(long seed) {
        Random random = new Random(seed);
        int slots = 5;
        int capacity = 6 * COLUMNS + 5;
        PageTable table = new PageTable(slots, new PagePool(20));
        Numbers numbers = new Numbers(20);
        List<List<Long>> expected = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            expected.add(new ArrayList<>());
        }
        List<HeldPages> held = new ArrayList<>();
        List<List<Long>> heldColumns = new ArrayList<>();
        for (int operation = 0; operation < 10_000; operation++) {
            int slot = random.nextInt(slots);
            int other = random.nextInt(slots);
            List<Long> columns = expected.get(slot);
            switch (random.nextInt(8)) {
                case 0 -> {
                    table.release(slot);
                    columns.clear();
                }
                case 1 -> {
                    int kept = random.nextInt(columns.size() + 1);
                    table.share(slot, other, kept);
                    if (slot != other) {
                        expected.set(other, new ArrayList<>(columns.subList(0, kept)));
                    }
                }
                case 2 -> {
                    int kept = random.nextInt(columns.size() + 1);
                    table.truncate(slot, kept);
                    columns.subList(kept, columns.size()).clear();
                }
                case 3 -> {
                    if (held.size() < 3) {
                        held.add(table.hold(slot, columns.size()));
                        heldColumns.add(new ArrayList<>(columns));
                    } else {
                        table.share(held.get(0), slot, held.get(0).columns());
                        expected.set(slot, heldColumns.remove(0));
                        table.release(held.remove(0));
                    }
                }
                default -> {
                    int from = random.nextInt(columns.size() + 1);
                    int to = Math.min(capacity, from + 1 + random.nextInt(20));
                    int missing = table.missing(slot, from, to);
                    int free = table.pool().free();
                    if (missing <= free && to > from) {
                        table.open(slot, from, to, numbers);
                        assertThat(table.pool().free()).isEqualTo(free - missing);
                        for (int column = from; column < to; column++) {
                            numbers.put(table, slot, column, operation);
                        }
                        columns.subList(from, columns.size()).clear();
                        for (int column = from; column < to; column++) {
                            columns.add((long) operation);
                        }
                    }
                }
            }
            assertHolds(table, numbers, expected);
        }
        held.forEach(table::release);
        for (int slot = 0; slot < slots; slot++) {
            table.release(slot);
        }
        assertThat(table.pool().inUse()).isZero();
        assertThat(table.pool().free()).isEqualTo(20);
    }

    private static void assertHolds(PageTable table, Numbers numbers, List<List<Long>> expected) {
        for (int slot = 0; slot < expected.size(); slot++) {
            for (int column = 0; column < expected.get(slot).size(); column++) {
                if (numbers.get(table, slot, column) != expected.get(slot).get(column)) {
                    throw new AssertionError("slot " + slot + ", column " + column);
                }
            }
        }
    }
}
