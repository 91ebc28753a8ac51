package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class LastValueTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @Test
    void shouldShowTheValueSetLastAndNanBefore() {
        LastValue last = LastValue.gauge(registry, "share", "What part");
        assertThat(registry.get("share").gauge().value()).isNaN();

        last.set(0.25);
        last.set(0.5);

        assertThat(registry.get("share").gauge().value()).isEqualTo(0.5);
        assertThat(registry.get("share").gauge().getId().getDescription()).isEqualTo("What part");
    }

    @Test
    void shouldTellGaugesOfOneNameApartByTheirTags() {
        LastValue.gauge(registry, "version", null, Tags.of("role", "policy")).set(3);
        LastValue.gauge(registry, "version", null, Tags.of("role", "drafter")).set(7);

        assertThat(registry.get("version").tag("role", "policy").gauge().value())
                .isEqualTo(3);
        assertThat(registry.get("version").tag("role", "drafter").gauge().value())
                .isEqualTo(7);
    }
}
