package dev.respec.stage.tracing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
    /** The example of the W3C recommendation, section 3.2. */
    private static final String EXAMPLE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    @Test
    void shouldReadAndWriteTheHeaderOfTheRecommendation() {
        TraceContext context = requireNonNull(TraceContext.parse(EXAMPLE));

        assertThat(context.traceId()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(context.spanId()).isEqualTo("00f067aa0ba902b7");
        assertThat(context.header()).isEqualTo(EXAMPLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", // not sampled
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", // upper case is not allowed
                "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                "not a header at all"
            })
    void shouldTakeAnyOtherTextForNoTrace(String header) {
        assertThat(TraceContext.parse(header)).isNull();
    }

    @Test
    void shouldGiveTheSameIdsToTheSameNames() {
        assertThat(TraceContext.root("run/1")).isEqualTo(TraceContext.root("run/1"));
        assertThat(TraceContext.root("run/1").child("queue"))
                .isEqualTo(TraceContext.root("run/1").child("queue"));
        assertThat(TraceContext.root("run/1").child("queue").traceId())
                .isEqualTo(TraceContext.root("run/1").traceId());
        assertThat(TraceContext.root("run/1").child("queue").spanId())
                .isNotEqualTo(TraceContext.root("run/1").child("scoring").spanId());
    }

    /** Binomial: 10,000 requests at 1 % are 100, and within five standard deviations of 9.95. */
    @Test
    void shouldSampleTheShare() {
        long sampled = IntStream.range(0, 10_000)
                .filter(request -> TraceContext.root("run/" + request).isSampled(0.01))
                .count();

        assertThat(sampled).isBetween(50L, 150L);
        assertThat(IntStream.range(0, 1000))
                .allMatch(request -> TraceContext.root("run/" + request).isSampled(1));
        assertThat(IntStream.range(0, 1000))
                .noneMatch(request -> TraceContext.root("run/" + request).isSampled(0));
    }
}
