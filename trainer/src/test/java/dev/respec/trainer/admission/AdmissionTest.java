package dev.respec.trainer.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.trainer.data.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final AdmissionBound BOUND = new AdmissionBound(4, 1, 100, 3);

    @Test
    void shouldAdmitUpToTheBoundOfItsVersion() {
        // Given: (η + version + 1)·B = (1 + 0 + 1)·4
        var admission = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);

        // When
        var indices = admitAll(admission, 0);

        // Then
        assertThat(indices).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L);
        assertThat(admission.open(0)).isFalse();
        assertThat(admission.open(1)).isTrue();
        assertThatThrownBy(() -> admission.admit(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void shouldNotOpenForAcceptedGroupsBeforeTheVersionRises() {
        var admission = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);
        admitAll(admission, 0);

        admission.accept(0);

        assertThat(admission.open(0)).isFalse();
        assertThat(admission.accepted()).isEqualTo(1);
        assertThat(admission.inFlight()).isEqualTo(7);
    }

    @Test
    void shouldAdmitNoMoreThanTheRunConsumes() {
        var admission =
                new Admission(new AdmissionBound(4, 10, 6, 3), AdmissionState.initial(), position -> "p" + position);

        assertThat(admitAll(admission, 50)).hasSize(6);
    }

    @Test
    void shouldAskADroppedPromptAgainUnderANewIndexBeforeNewPrompts() {
        // Given
        var admission = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);
        admitAll(admission, 0);

        // When
        var drop = admission.drop(2);
        var ticket = admission.admit(0);

        // Then
        assertThat(drop).isEqualTo(Admission.Drop.ASKED_AGAIN);
        assertThat(ticket).isEqualTo(new Ticket(8, 2, 1));
    }

    @Test
    void shouldAskAnotherPromptInPlaceOfOneThatIsSetAside() {
        // Given eight in flight, and no room
        var admission = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);
        admitAll(admission, 0);

        // When
        admission.setAside(2);

        // Then one more within the bound: the next prompt, not the same again
        assertThat(admission.open(0)).isTrue();
        assertThat(admission.admit(0)).isEqualTo(new Ticket(8, 8, 0));
        assertThat(admission.open(0)).isFalse();
        assertThat(admission.standing(2)).isEqualTo(Admission.Standing.SETTLED);
        assertThat(admission.accepted()).isZero();
        assertThat(admission.state().setAside()).isEqualTo(1);
        assertThatThrownBy(() -> admission.setAside(2)).hasMessage("request 2 is not in flight");
    }

    @Test
    void shouldAdmitNothingMoreAfterACrashUntilWhatWasSetAsideIsSetAsideAgain() {
        // Given a checkpoint, then request 1 is set aside and another asked in its place, then a crash
        var before = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);
        admitAll(before, 0);
        var checkpoint = before.state();
        before.setAside(1);
        var inItsPlace = before.admit(0);

        // When
        var after = new Admission(BOUND, checkpoint, position -> "p" + position);
        after.recover(inItsPlace);
        assertThat(after.open(0)).isFalse();
        after.setAside(1);

        // Then
        assertThat(after.open(0)).isFalse();
        assertThat(after.state()).isEqualTo(before.state());
    }

    @Test
    void shouldGiveUpAfterTheLastAttempt() {
        // Given
        var admission =
                new Admission(new AdmissionBound(1, 0, 10, 2), AdmissionState.initial(), position -> "p" + position);
        admission.drop(admission.admit(0).requestIndex());

        // When
        var drop = admission.drop(admission.admit(0).requestIndex());

        // Then
        assertThat(drop).isEqualTo(Admission.Drop.ABANDONED);
        assertThat(admission.abandoned()).isEqualTo(1);
        assertThat(admission.admit(0)).isEqualTo(new Ticket(2, 1, 0));
    }

    @Test
    void shouldIgnoreDropsOfRequestsItDoesNotAwait() {
        var admission = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);

        assertThat(admission.drop(5)).isEqualTo(Admission.Drop.NOT_AWAITED);
        assertThatThrownBy(() -> admission.accept(5)).hasMessage("request 5 is not in flight");
    }

    @Test
    void shouldNotAskTwiceForAPromptThatWasReplacedBeforeTheCrash() {
        // Given: a checkpoint, then request 1 is dropped and its prompt published again as request 8, then a crash
        var before = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);
        admitAll(before, 0);
        var checkpoint = before.state();
        before.drop(1);
        var replacement = before.admit(0);

        // When
        var after = new Admission(BOUND, checkpoint, position -> "p" + position);
        after.recover(replacement);

        // Then
        assertThat(after.awaits(1)).isFalse();
        assertThat(after.inFlight()).isEqualTo(8);
        assertThat(after.drop(1)).isEqualTo(Admission.Drop.NOT_AWAITED);
        assertThat(after.open(0)).isFalse();
    }

    /** Found by PipelineSimulationTest: after the second crash the group was read, and had no fate on record. */
    @Test
    void shouldKnowAReplacedRequestOverTwoCrashes() {
        // Given: request 0 was dropped and asked again as 1; the crash forgot the drop
        var first = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);
        first.recover(new Ticket(0, 0, 0));
        first.recover(new Ticket(1, 0, 1));

        // When: a step ends without the group of 0, and the process dies again
        var second = new Admission(BOUND, first.state(), position -> "p" + position);

        // Then
        assertThat(second.standing(0)).isEqualTo(Admission.Standing.REPLACED);
        assertThat(second.inFlight()).isEqualTo(1);
        assertThat(second.drop(0)).isEqualTo(Admission.Drop.NOT_AWAITED);
        assertThat(second.standing(0)).isEqualTo(Admission.Standing.SETTLED);
    }

    @Test
    void shouldAskForPromptsWhoseRequestsNeverReachedTheTopic() {
        // Given: requests 0 to 3, of which 1 and 3 were lost with the process
        var after = new Admission(BOUND, AdmissionState.initial(), position -> "p" + position);

        // When
        after.recover(new Ticket(0, 0, 0));
        after.recover(new Ticket(2, 2, 0));

        // Then
        assertThat(after.admit(0)).isEqualTo(new Ticket(3, 1, 0));
        assertThat(after.admit(0)).isEqualTo(new Ticket(4, 3, 0));
    }

    @Test
    void shouldPassOverARefusedPromptInLaterEpochsAndAfterARestart() {
        // Given data of three prompts, the second of which is refused
        var bound = new AdmissionBound(4, 10, 100, 3);
        var admission = new Admission(bound, AdmissionState.initial(), position -> "p" + position % 3);
        admission.admit(0);
        var refused = admission.admit(0);
        admission.refuse(refused.requestIndex());
        assertThat(admission.standing(refused.requestIndex())).isEqualTo(Admission.Standing.SETTLED);
        assertThat(admission.abandoned()).isEqualTo(1);

        // When
        var after = new Admission(bound, admission.state(), position -> "p" + position % 3);
        var positions = new ArrayList<Long>();
        for (int i = 0; i < 5; i++) {
            positions.add(after.admit(0).promptPosition());
        }

        // Then positions 4 and 7 are left out
        assertThat(positions).containsExactly(2L, 3L, 5L, 6L, 8L);
        assertThat(after.abandoned()).isEqualTo(3);
    }

    @Test
    void shouldAskAPromptAgainWhoseTextWasReplacedUnderTheSameId() {
        // Given the second of three prompts refused
        var bound = new AdmissionBound(4, 10, 100, 3);
        var data = new ArrayList<>(List.of(prompt("p0", "1+1?"), prompt("p1", "far too long"), prompt("p2", "2+2?")));
        var admission = new Admission(
                bound,
                AdmissionState.initial(),
                position -> data.get((int) position % 3).fingerprint());
        admission.admit(0);
        admission.refuse(admission.admit(0).requestIndex());
        assertThat(admission.refused(1)).isTrue();

        // When the run continues with a file that has another text there, and the refused one elsewhere
        data.set(1, prompt("p1", "short"));
        data.set(2, prompt("p2", "far too long"));
        var after = new Admission(
                bound,
                admission.state(),
                position -> data.get((int) position % 3).fingerprint());
        var positions = new ArrayList<Long>();
        for (int i = 0; i < 4; i++) {
            positions.add(after.admit(0).promptPosition());
        }

        // Then
        assertThat(after.refused(1)).isFalse();
        assertThat(positions).containsExactly(3L, 4L, 6L, 7L);
    }

    private static Prompt prompt(String id, String text) {
        return new Prompt(id, text, "exact-match", "", Map.of());
    }

    private static List<Long> admitAll(Admission admission, long version) {
        var indices = new ArrayList<Long>();
        while (admission.open(version)) {
            indices.add(admission.admit(version).requestIndex());
        }
        return indices;
    }
}
