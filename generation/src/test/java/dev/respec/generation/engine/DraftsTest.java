package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DraftsTest {
    private static final int END = 9;

    private final Drafts drafts = new Drafts();

    @Test
    void shouldEndChainsAtTheFirstStopToken() {
        drafts.reset(3, 4);
        chain(0, 5, END, 6, END);
        chain(1, 5, 6, 7);
        chain(2, END);

        drafts.endAt(Set.of(END), 3);

        assertThat(drafts.count(0)).isEqualTo(2);
        assertThat(drafts.depth(0)).isEqualTo(2);
        assertThat(drafts.count(1)).isEqualTo(3);
        assertThat(drafts.count(2)).isEqualTo(1);
        assertThat(drafts.total()).isEqualTo(6);
    }

    @Test
    void shouldDropWhatHangsUnderAStopTokenAndKeepTheRestOfTheTree() {
        // Given 5 with the children end and 6, of which end has the child 7, 6 the child 8, and 7 the child 4
        drafts.reset(1, 8);
        System.arraycopy(new int[] {5, END, 6, 7, 8, 4}, 0, drafts.buffer(0), 0, 6);
        System.arraycopy(new int[] {-1, 0, 0, 1, 2, 3}, 0, drafts.parentBuffer(0), 0, 6);
        drafts.proposeTree(0, 6, 4);

        drafts.endAt(Set.of(END), 1);

        assertThat(drafts.isTree(0)).isTrue();
        assertThat(drafts.count(0)).isEqualTo(4);
        assertThat(drafts.depth(0)).isEqualTo(3);
        assertThat(drafts.total()).isEqualTo(4);
        assertThat(Arrays.copyOf(drafts.tokens(0), 4)).containsExactly(5, END, 6, 8);
        assertThat(Arrays.copyOf(drafts.parents(0), 4)).containsExactly(-1, 0, 0, 2);
    }

    private void chain(int sequence, int... tokens) {
        System.arraycopy(tokens, 0, drafts.buffer(sequence), 0, tokens.length);
        drafts.propose(sequence, tokens.length, null);
    }
}
