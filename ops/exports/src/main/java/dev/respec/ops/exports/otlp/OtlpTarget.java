package dev.respec.ops.exports.otlp;

import static java.util.Objects.requireNonNull;

import dev.respec.ops.exports.run.ExportItem;
import dev.respec.ops.exports.run.ExportTarget;
import dev.respec.ops.exports.run.ProgressFile;
import dev.respec.ops.exports.run.ProgressFile.Progress;
import dev.respec.ops.exports.run.RunFacts;
import dev.respec.ops.exports.run.RunOutcome;
import dev.respec.ops.exports.run.TargetUnavailableException;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.GaugeData;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.MetricDataType;
import io.opentelemetry.sdk.resources.Resource;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Metrics at the times of their steps: {@code train/loss} is the gauge {@code respec.train.loss}. A collector remembers
 * nothing, so the progress of the export is kept in a file.
 */
public final class OtlpTarget implements ExportTarget {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final List<Double> LENGTH_BOUNDS =
            IntStream.rangeClosed(0, 16).mapToObj(bit -> (double) (1 << bit)).toList();
    private static final List<Double> REWARD_BOUNDS = Stream.concat(
                    Stream.of(-1.0, -0.5), IntStream.rangeClosed(0, 10).mapToObj(tenth -> tenth / 10.0))
            .toList();

    private final String endpoint;
    private final Path progressFolder;
    private final OtlpHttpMetricExporter exporter;
    private @Nullable ProgressFile progressFile;
    private @Nullable Progress progress;
    private Resource resource = Resource.empty();

    /**
     * A target that answers.
     *
     * @param endpoint with the path of metrics
     * @param progressFolder where the file of progress lies
     * @throws dev.respec.stage.config.ConfigException if something else answers there
     * @throws TargetUnavailableException if nothing answers
     */
    public OtlpTarget(String endpoint, Path progressFolder) {
        Collector.requireAnswer("metrics.otlp (--otlp)", endpoint);
        this.endpoint = endpoint;
        this.progressFolder = progressFolder;
        this.exporter = OtlpHttpMetricExporter.builder()
                .setEndpoint(endpoint)
                .setTimeout(TIMEOUT)
                .build();
    }

    @Override
    public String name() {
        return "OTLP at " + endpoint;
    }

    @Override
    public Map<String, Long> begin(RunFacts run) {
        String name = (run.runId() + "-" + endpoint).replaceAll("[^A-Za-z0-9._-]+", "_");
        ProgressFile kept = new ProgressFile(progressFolder.resolve("otlp-" + name + ".json"));
        Progress known =
                kept.read().filter(found -> found.runId().equals(run.runId())).orElse(Progress.none(run.runId()));
        progressFile = kept;
        progress = known;
        resource = Resource.create(Attributes.of(
                AttributeKey.stringKey("service.name"),
                "respec",
                AttributeKey.stringKey("respec.run.id"),
                run.runId()));
        return known.steps();
    }

    @Override
    public void write(List<ExportItem> items) {
        List<MetricData> metrics = new ArrayList<>();
        items.forEach(item -> add(item, metrics));
        CompletableResultCode sent = exporter.export(metrics).join(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        if (!sent.isSuccess()) {
            throw new TargetUnavailableException("the collector at %s does not take metrics%s"
                    .formatted(
                            endpoint,
                            sent.getFailureThrowable() == null ? "" : " (" + sent.getFailureThrowable() + ")"));
        }
        Progress written = requireNonNull(progress).with(items, 0);
        requireNonNull(progressFile).write(written);
        progress = written;
    }

    private void add(ExportItem item, List<MetricData> metrics) {
        AttributesBuilder building = Attributes.builder();
        item.labels().forEach(building::put);
        Attributes attributes = building.build();
        long time = nanos(item.finished());
        item.scalars().forEach((name, value) -> metrics.add(gauge(name, time, attributes, value)));
        metrics.add(gauge(item.kind().replaceFirst("/.*", "") + "/step", time, attributes, item.step()));
        item.distributions()
                .forEach((name, values) -> metrics.add(new RecordedMetric(
                        resource,
                        metricName(name),
                        MetricDataType.HISTOGRAM,
                        HistogramData.create(
                                AggregationTemporality.DELTA,
                                List.of(histogram(nanos(item.started()), time, attributes, name, values))))));
    }

    private MetricData gauge(String name, long time, Attributes attributes, double value) {
        return new RecordedMetric(
                resource,
                metricName(name),
                MetricDataType.DOUBLE_GAUGE,
                GaugeData.createDoubleGaugeData(
                        List.of(DoublePointData.create(time, time, attributes, value, List.of()))));
    }

    private static HistogramPointData histogram(
            long start, long end, Attributes attributes, String name, List<Double> values) {
        List<Double> bounds = name.endsWith("length") ? LENGTH_BOUNDS : REWARD_BOUNDS;
        List<Long> counts = new ArrayList<>(Collections.nCopies(bounds.size() + 1, 0L));
        double sum = 0;
        for (double value : values) {
            int bucket = 0;
            while (bucket < bounds.size() && value > bounds.get(bucket)) {
                bucket++;
            }
            counts.set(bucket, counts.get(bucket) + 1);
            sum += value;
        }
        return HistogramPointData.create(
                start,
                end,
                attributes,
                sum,
                true,
                Collections.min(values),
                true,
                Collections.max(values),
                bounds,
                counts);
    }

    private static String metricName(String name) {
        return "respec." + name.replace('/', '.').replace("@", "_at_");
    }

    private static long nanos(Instant time) {
        return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
    }

    @Override
    public void finish(RunOutcome outcome) {
        if (outcome.results().isEmpty()) {
            return;
        }
        long last = requireNonNull(progress).steps().values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        Instant now = Instant.now();
        ExportItem item = new ExportItem(
                "result", last, now, now, new TreeMap<>(), outcome.results(), new TreeMap<>(), new TreeMap<>());
        if (item.isAfter(requireNonNull(progress).steps())) {
            write(List.of(item));
        }
    }

    @Override
    public void close() {
        exporter.shutdown().join(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
}
