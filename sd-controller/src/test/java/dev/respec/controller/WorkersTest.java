package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkersTest {
    private final Workers workers = new Workers();

    @Test
    void shouldTakeTurns() {
        assertThat(workers.next()).isEmpty();
        workers.heard("b", 1);
        workers.heard("a", 1);
        workers.heard("c", 2);

        assertThat(workers.size()).isEqualTo(3);
        assertThat(new String[] {workers.next(), workers.next(), workers.next(), workers.next()})
                .containsExactly("a", "b", "c", "a");
    }

    @Test
    void shouldForgetTheDead() {
        workers.heard("a", 1);
        workers.heard("b", 9);

        workers.forget(5);

        assertThat(workers.size()).isEqualTo(1);
        assertThat(workers.next()).isEqualTo("b");
        assertThat(workers.next()).isEqualTo("b");
    }
}
