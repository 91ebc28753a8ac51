package dev.respec.learner.distillation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RejectedDraftsTest {
    /** Steps: d d R | R | R | d d d B | d R | plain | R. */
    @Test
    void shouldFindTheDepthAtWhichEachDraftWasRejected() {
        var drafts = new RejectedDrafts.Reader()
                .accepted(2)
                .recovered(3)
                .accepted(3)
                .others(1)
                .accepted(1)
                .recovered(1)
                .others(1)
                .recovered(1)
                .drafts();

        assertThat(drafts).hasToString("tokens [2, 3, 4, 10, 12], depths [2, 0, 0, 1, 0]");
        assertThat(drafts.count()).isEqualTo(5);
        assertThat(drafts.token(3)).isEqualTo(10);
        assertThat(drafts.depth(3)).isEqualTo(1);
    }

    @Test
    void shouldKeepManyAndBeEqualByContent() {
        assertThat(new RejectedDrafts.Reader().recovered(100).drafts())
                .isEqualTo(
                        new RejectedDrafts.Reader().recovered(60).recovered(40).drafts())
                .isNotEqualTo(new RejectedDrafts.Reader().recovered(99).drafts());
        assertThat(new RejectedDrafts.Reader().accepted(5).others(1).drafts()).isSameAs(RejectedDrafts.NONE);
    }

    /** With a prompt of one token no feature precedes the first response token, so that nothing drafts it. */
    @Test
    void shouldTrainOnDraftsThatAPassComputes() {
        var rejected = new RejectedDrafts.Reader()
                .recovered(1)
                .accepted(2)
                .recovered(1)
                .accepted(1)
                .recovered(1)
                .drafts();
        int[] response = {1, 2, 3, 4, 5, 6};

        assertThat(new TokenSequence(new int[] {1, 2}, response, rejected).trainableRejections(3))
                .containsExactly(0, 1, 2);
        assertThat(new TokenSequence(new int[] {1, 2}, response, rejected).trainableRejections(2))
                .containsExactly(0, 2);
        assertThat(new TokenSequence(new int[] {1}, response, rejected).trainableRejections(2))
                .containsExactly(2);
    }
}
