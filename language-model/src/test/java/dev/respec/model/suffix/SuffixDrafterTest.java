package dev.respec.model.suffix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SuffixDrafterTest {
    private static final int[] PROMPT = {90, 91, 92};
    private static final long KEY = SuffixDrafter.promptKey(PROMPT);
    private static final int[] RESPONSE = {1, 2, 3, 4, 5, 6, 7, 8};

    private final SuffixDrafter drafter = new SuffixDrafter(SuffixDrafterConfig.defaults());
    private final int[] out = new int[16];

    @Test
    void shouldDraftFromSampleOfSamePromptThatIsStillRunning() {
        drafter.begin(1, KEY, PROMPT);
        drafter.begin(2, KEY, PROMPT);
        drafter.append(1, RESPONSE, 8);
        drafter.append(2, RESPONSE, 3);

        assertThat(draft(2, 8)).containsExactly(4, 5, 6);
    }

    @Test
    void shouldNotDraftFromOtherPrompts() {
        drafter.begin(1, KEY, PROMPT);
        drafter.append(1, RESPONSE, 8);
        drafter.begin(2, KEY + 1, new int[] {70, 71});
        drafter.append(2, RESPONSE, 3);

        assertThat(draft(2, 8)).isEmpty();
    }

    @Test
    void shouldDraftFromOwnPrompt() {
        drafter.begin(1, KEY, new int[] {10, 11, 12, 13, 14});
        drafter.append(1, new int[] {10, 11}, 2);

        assertThat(draft(1, 8)).containsExactly(12, 13);
    }

    @Test
    void shouldDraftFromRolloutObservedElsewhere() {
        drafter.observe(KEY, RESPONSE);
        drafter.begin(1, KEY, PROMPT);
        drafter.append(1, RESPONSE, 4);

        assertThat(draft(1, 2)).containsExactly(5, 6);
        assertThat(draft(1, 8)).containsExactly(5, 6, 7, 8);
    }

    @Test
    void shouldKeepFinishedResponses() {
        drafter.begin(1, KEY, PROMPT);
        drafter.append(1, RESPONSE, 8);
        drafter.finish(1);
        drafter.begin(2, KEY, PROMPT);
        drafter.append(2, RESPONSE, 3);
        assertThat(draft(2, 8)).isNotEmpty();
        drafter.finish(2);

        assertThat(drafter.tokens()).isEqualTo(8 + 3);
        assertThatThrownBy(() -> draft(2, 8))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sequence 2 is not running");
    }

    @Test
    void shouldForgetRolloutsPastTheWindow() {
        var small = new SuffixDrafter(new SuffixDrafterConfig(32, 2, 16));
        small.observe(KEY, RESPONSE);
        small.observe(KEY, new int[] {20, 21});
        small.begin(1, KEY, PROMPT);
        small.append(1, RESPONSE, 3);
        assertThat(small.draft(1, 8, out)).isPositive();

        small.observe(KEY, new int[] {22, 23});

        assertThat(small.draft(1, 8, out)).isZero();
    }

    @Test
    void shouldForgetLeastRecentlyUsedPromptsBeyondTheBound() {
        var small = new SuffixDrafter(new SuffixDrafterConfig(32, 64, 16, 20, SuffixOptions.DEFAULT));
        small.observe(1, RESPONSE);
        small.observe(2, RESPONSE);
        small.begin(7, 1, PROMPT);
        small.append(7, RESPONSE, 3);
        small.observe(3, RESPONSE);

        assertThat(small.prompts()).isEqualTo(2);
        assertThat(small.tokens()).isEqualTo(8 + 3 + 8);
        assertThat(small.draft(7, 8, out)).isPositive();
    }

    @Test
    void shouldDraftLongerThanTheMatchDepthAllows() {
        // A match of 31 tokens leaves room for a full draft.
        var long1 = new SplittableRandom(1).ints(100, 0, 1000).toArray();
        drafter.observe(KEY, long1);
        drafter.begin(1, KEY, PROMPT);
        drafter.append(1, long1, 60);

        assertThat(draft(1, 16)).containsExactly(Arrays.copyOfRange(long1, 60, 76));
    }

    @Test
    void shouldRefuseKeyInUse() {
        drafter.begin(1, KEY, PROMPT);

        assertThatThrownBy(() -> drafter.begin(1, KEY, PROMPT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("sequence 1 is already running");
    }

    private int[] draft(long sequence, int maxTokens) {
        return Arrays.copyOf(out, drafter.draft(sequence, maxTokens, out));
    }
}
