package dev.respec.trainer.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.RefusedRequest;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.topics.embedded.SampleEvents;
import dev.respec.trainer.inflight.Repeat.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InFlightRequestsTest {
    static {
        TrustedEvents.trust();
    }

    private static final Duration ROUND = Duration.ofMillis(500);
    private static final Duration SILENCE = Duration.ofMillis(3_500);
    private static final Duration UNTAKEN = Duration.ofSeconds(30);

    private final InFlightRequests inFlight =
            new InFlightRequests(new Patience(SILENCE, Duration.ofSeconds(13), UNTAKEN));

    @BeforeEach
    void publish() {
        for (int index = 0; index < 4; index++) {
            inFlight.published(request(index), OptionalLong.of(index));
        }
        inFlight.resultsKnown();
    }

    @Test
    void shouldAskAgainWhatASilentWorkerHeld() {
        inFlight.heard(status("a", "1", "run/0", "run/1"));
        pass(SILENCE);
        assertThat(inFlight.due()).isEmpty();

        pass(ROUND);

        assertThat(inFlight.due())
                .extracting(repeat -> repeat.request().getRequestId() + " " + repeat.cause())
                .containsExactly("run/0 WORKER_SILENT", "run/1 WORKER_SILENT");
        assertThat(inFlight.due()).as("once").isEmpty();
    }

    @Test
    void shouldNotAskAgainWhileTheWorkerIsHeard() {
        for (int i = 0; i < 100; i++) {
            inFlight.heard(status("a", "1", "run/0"));
            pass(ROUND);
            assertThat(inFlight.due()).isEmpty();
        }
    }

    @Test
    void shouldLeaveToAnotherWorkerWhatItHoldsToo() {
        inFlight.heard(status("a", "1", "run/0"));
        for (int i = 0; i < 10; i++) {
            inFlight.heard(status("b", "1", "run/0"));
            pass(ROUND);
            assertThat(inFlight.due()).isEmpty();
        }
        // and when that one is silent, too, the request is lost
        pass(SILENCE.plus(ROUND));
        assertThat(ids(inFlight.due())).containsExactly("run/0");
    }

    @Test
    void shouldAskAgainAtOnceWhatAStoppingWorkerLeaves() {
        inFlight.heard(status("a", "1", "run/0", "run/1"));
        var last = status("a", "1", "run/1");
        last.setState(WorkerState.STOPPING);
        last.setFinishedRequestIds(List.of("run/0"));
        inFlight.heard(last);

        assertThat(inFlight.due()).singleElement().satisfies(repeat -> {
            assertThat(repeat.request()).isEqualTo(request(1));
            assertThat(repeat.cause()).isEqualTo(Cause.WORKER_STOPPED);
        });
    }

    @Test
    void shouldAskAgainAtOnceWhatThePredecessorOfARestartedWorkerHeld() {
        inFlight.heard(status("a", "1", "run/0"));
        inFlight.heard(status("b", "1", "run/1"));
        inFlight.heard(status("a", "2"));

        assertThat(inFlight.due()).extracting(Repeat::cause).containsExactly(Cause.WORKER_REPLACED);

        // and two processes that share an id by mistake do not chase each other
        for (int i = 0; i < 10; i++) {
            inFlight.heard(status("a", "1", "run/2"));
            inFlight.heard(status("a", "2", "run/3"));
            inFlight.heard(status("b", "1", "run/1"));
            pass(ROUND);
        }
        assertThat(inFlight.due()).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void shouldAskAgainWhatAHungEngineHoldsAndOnlyOnce() {
        for (long second = 0; second <= 40; second++) {
            var status = status("a", "1", "run/0");
            status.setEngineSilentMilliseconds(second * 1_000);
            inFlight.heard(status);
            var due = inFlight.due();
            assertThat(ids(due)).as("second %d", second).isEqualTo(second == 14 ? List.of("run/0") : List.of());
            due.forEach(repeat -> inFlight.repeated("run/0", 9));
            pass(Duration.ofSeconds(1));
        }
        // and once its engine moves again, it answers for what it holds
        inFlight.heard(status("a", "1", "run/0"));
        assertThat(inFlight.due()).isEmpty();
    }

    @Test
    void shouldAskAgainWhatNobodyTookAlthoughLaterRequestsWereTaken() {
        inFlight.heard(status("a", "1", "run/0"));
        inFlight.heard(status("a", "1", "run/0", "run/2")); // run/1 is passed over
        for (Duration passed = Duration.ZERO; passed.compareTo(UNTAKEN) < 0; passed = passed.plus(ROUND)) {
            pass(ROUND);
            assertThat(inFlight.due()).isEmpty();
            inFlight.heard(status("a", "1", "run/0", "run/2"));
        }
        pass(ROUND);
        assertThat(inFlight.due())
                .extracting(repeat -> repeat.request().getRequestId() + " " + repeat.cause())
                .containsExactly("run/1 NOT_TAKEN");

        // the next time it waits for twice as long
        inFlight.repeated("run/1", 10);
        inFlight.published(request(11), OptionalLong.of(11));
        Duration passed = Duration.ZERO;
        inFlight.heard(status("a", "1", "run/0", "run/2", "run/11"));
        while (inFlight.due().stream()
                .noneMatch(repeat -> repeat.request().getRequestId().equals("run/1"))) {
            pass(ROUND);
            passed = passed.plus(ROUND);
            assertThat(passed).isLessThan(UNTAKEN.multipliedBy(10));
            inFlight.heard(status("a", "1", "run/0", "run/2", "run/11"));
        }
        assertThat(passed)
                .isBetween(UNTAKEN.multipliedBy(2), UNTAKEN.multipliedBy(2).plus(ROUND));
    }

    @Test
    void shouldAskAgainWhatIsNotInTheQueueBecauseAWorkerIsIdle() {
        inFlight.retain(Set.of("run/3"));
        for (Duration passed = Duration.ZERO; passed.compareTo(UNTAKEN) <= 0; passed = passed.plus(ROUND)) {
            inFlight.heard(status("a", "1"));
            assertThat(inFlight.due()).isEmpty();
            pass(ROUND);
        }
        inFlight.heard(status("a", "1"));
        assertThat(ids(inFlight.due())).containsExactly("run/3");
    }

    @Test
    void shouldLeaveInTheQueueWhatNoWorkerHasRoomFor() {
        for (int i = 0; i < 1_000; i++) {
            inFlight.heard(status("a", "1", "run/0"));
            pass(ROUND);
            assertThat(inFlight.due()).isEmpty();
        }
    }

    @Test
    void shouldCountAsDoneWhatAWorkerFinishedOrTheLogHas() {
        var status = status("a", "1", "run/2");
        status.setFinishedRequestIds(List.of("run/0"));
        inFlight.heard(status("a", "1", "run/0", "run/1", "run/2"));
        inFlight.heard(status);
        inFlight.answered("run/1");
        pass(Duration.ofMinutes(5));

        assertThat(ids(inFlight.due())).containsExactly("run/2");
    }

    @Test
    void shouldWaitUntilTheResultsInTheLogAreKnown() {
        var restarted = new InFlightRequests(Patience.STANDARD);
        restarted.published(request(0), OptionalLong.empty());
        restarted.published(request(1), OptionalLong.empty());
        restarted.heard(status("a", "1", "run/0", "run/1"));
        restarted.attend(Duration.ofMinutes(1));
        assertThat(restarted.due()).isEmpty();

        restarted.answered("run/0");
        restarted.resultsKnown();

        assertThat(ids(restarted.due())).containsExactly("run/1");
    }

    @Test
    void shouldReportRefusalsOnceAndNotAskThemAgain() {
        var status = status("a", "1");
        status.setRefusedRequests(List.of(new RefusedRequest("run/0", "too long"), new RefusedRequest("old/1", "x")));
        inFlight.heard(status("a", "1", "run/0"));
        inFlight.heard(status);

        assertThat(inFlight.takeRefusals()).containsOnlyKeys("run/0").containsValue("too long");
        assertThat(inFlight.takeRefusals()).isEmpty();
        pass(SILENCE.plus(ROUND));
        assertThat(inFlight.due()).isEmpty();
    }

    @Test
    void shouldNotLetTwoProcessesOfOneIdReplaceEachOtherForEver() {
        inFlight.published(request(0), OptionalLong.of(0));
        inFlight.resultsKnown();
        int asked = 0;
        for (int beat = 0; beat < 20; beat++) {
            inFlight.heard(status("w", "one", "run/0"));
            inFlight.heard(status("w", "two"));
            pass(Duration.ofMillis(500));
            for (Repeat repeat : inFlight.due()) {
                asked++;
                inFlight.repeated(repeat.request().getRequestId(), 10 + asked);
            }
        }
        assertThat(asked).isLessThanOrEqualTo(1);
    }

    @Test
    void shouldAskARequestThatTakesItsWorkersWithItLaterAndLater() {
        var followed = new InFlightRequests(Patience.STANDARD);
        followed.published(request(0), OptionalLong.of(0));
        followed.resultsKnown();
        List<Long> askedAfterSeconds = new ArrayList<>();
        for (int second = 0; second < 60; second++) {
            // a worker takes it at once and dies at once
            followed.heard(status("w", "life-" + second, "run/0"));
            followed.heard(WorkerStatus.newBuilder(status("w", "life-" + second, "run/0"))
                    .setState(WorkerState.STOPPING)
                    .build());
            for (Repeat repeat : followed.due()) {
                askedAfterSeconds.add((long) second);
                followed.repeated(repeat.request().getRequestId(), 10 + second);
            }
            followed.attend(Duration.ofSeconds(1));
        }
        assertThat(askedAfterSeconds).containsExactly(0L, 6L, 18L, 42L);
    }

    @Test
    void shouldAskAgainWhatCouldNotBePublished() {
        inFlight.published(request(0), OptionalLong.of(0));
        inFlight.resultsKnown();
        inFlight.heard(status("w", "one", "run/0"));
        pass(Duration.ofSeconds(4));
        List<Repeat> due = inFlight.due();
        assertThat(ids(due)).containsExactly("run/0");

        inFlight.notRepeated(due.get(0));

        assertThat(ids(inFlight.due())).containsExactly("run/0");
    }

    private void pass(Duration time) {
        inFlight.attend(time);
    }

    private static List<String> ids(List<Repeat> repeats) {
        return repeats.stream().map(repeat -> repeat.request().getRequestId()).toList();
    }

    private static WorkerStatus status(String worker, String incarnation, String... held) {
        return WorkerStatus.newBuilder()
                .setRunId("run")
                .setWorkerId(worker)
                .setState(WorkerState.READY)
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setActiveSequences(0)
                .setWaitingSequences(0)
                .setSetting(new SpeculationSetting("off", 0, 0, 0))
                .setSettingsVersion(0)
                .setTokensPerSecond(0)
                .setEmittedTokens(0)
                .setHeartbeatAt(Instant.EPOCH)
                .setIncarnation(incarnation)
                .setHeldRequestIds(List.of(held))
                .build();
    }

    private static RolloutRequest request(int index) {
        return SampleEvents.request("run/" + index, index).build();
    }
}
