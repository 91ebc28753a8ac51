package dev.respec.stage;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import org.jspecify.annotations.Nullable;

/** A gauge of the value that was set last, NaN before the first one. Any thread may set it. */
public final class LastValue {
    private volatile double value = Double.NaN;

    private LastValue() {}

    /** Registers a gauge without tags. */
    public static LastValue gauge(MeterRegistry registry, String name, @Nullable String description) {
        return gauge(registry, name, description, Tags.empty());
    }

    /** Registers a gauge. */
    public static LastValue gauge(MeterRegistry registry, String name, @Nullable String description, Tags tags) {
        var last = new LastValue();
        Gauge.builder(name, last, gauge -> gauge.value)
                .description(description)
                .tags(tags)
                .strongReference(true)
                .register(registry);
        return last;
    }

    public void set(double newValue) {
        value = newValue;
    }
}
