package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RequestClaimsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final RequestClaims claims = new RequestClaims();

    @Test
    void shouldClaimNothingTwiceWhateverBecameOfIt() {
        assertThat(claims.claim("a")).isTrue();
        assertThat(claims.claim("a")).isFalse();
        claims.finish("a");
        assertThat(claims.claim("a")).isFalse();
        assertThat(claims.claim("b")).isTrue();
        claims.refuse("b", "too long");
        assertThat(claims.claim("b")).isFalse();

        assertThat(claims.claim("c")).isTrue();
        claims.withdraw("c");
        assertThat(claims.claim("c")).isTrue();
    }

    @Test
    void shouldForgetTheOldestOfManyThatEnded() {
        for (int i = 0; i <= RequestClaims.MOST_REMEMBERED; i++) {
            claims.claim("r" + i);
            claims.finish("r" + i);
        }

        assertThat(claims.claim("r0")).isTrue();
        assertThat(claims.claim("r1")).isFalse();
    }

    @Test
    void shouldSeeThatAClaimEnded() throws InterruptedException {
        claims.claim("a");
        long before = claims.releases();
        var ending = CompletableFuture.runAsync(() -> claims.finish("a"));

        long begun = System.nanoTime();
        claims.awaitRelease(before, LONG);

        assertThat(claims.size()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONG);
        assertThat(ending).succeedsWithin(LONG);
    }

    @Test
    void shouldNotWaitForAClaimThatHasEndedMeanwhile() throws InterruptedException {
        long before = claims.releases();
        claims.claim("a");
        claims.withdraw("a");

        long begun = System.nanoTime();
        claims.awaitRelease(before, LONG);

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(LONG);
    }

    @Test
    void shouldWaitNoLongerThanAsked() throws InterruptedException {
        Duration time = Duration.ofMillis(50);

        long begun = System.nanoTime();
        claims.awaitRelease(claims.releases(), time);

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isBetween(time.minusMillis(2), LONG);
    }
}
