package dev.respec.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/** What happens to requests between the queue and their first token. Thread-safe. */
public final class IntakeMeters {
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofMinutes(2)
    };

    private final Timer waited;
    private final Timer firstToken;
    private final Counter idle;
    private final Counter redelivered;
    private final Counter repeats;
    private final Counter lost;

    /** @param held requests the worker answers for */
    public IntakeMeters(MeterRegistry registry, Supplier<Number> held) {
        waited = Timer.builder("respec.request.wait")
                .description("Time a request lay in the queue before a worker took it")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        firstToken = Timer.builder("respec.request.first.token")
                .description("Time from a request's admission to the first token of its first sample")
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
        idle = counter(
                registry,
                "respec.worker.idle.with.requests.waiting.seconds",
                "Time in which the worker had nothing to generate while a request that it took later lay in the queue");
        redelivered =
                counter(registry, "respec.queue.redeliveries", "Requests taken that the queue had handed out before");
        repeats = counter(registry, "respec.queue.repeats", "Requests taken that this worker held or had ended");
        lost = counter(
                registry,
                "respec.queue.locks.lost",
                "Requests whose acceptance failed, so that another worker may generate them as well");
        Gauge.builder("respec.worker.requests.held", held)
                .description("Requests the worker has taken and not ended")
                .strongReference(true)
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    void taken(Duration wait, int deliveryCount) {
        waited.record(wait.isNegative() ? Duration.ZERO : wait);
        if (deliveryCount > 1) {
            redelivered.increment();
        }
    }

    void begun(Duration sinceAdmission) {
        firstToken.record(sinceAdmission.isNegative() ? Duration.ZERO : sinceAdmission);
    }

    void idleWhileWaiting(Duration time) {
        idle.increment(time.toNanos() / 1e9);
    }

    void repeated() {
        repeats.increment();
    }

    void lost() {
        lost.increment();
    }
}
