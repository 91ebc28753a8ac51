package dev.respec.ops.exported;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.ops.chaos.RespecProcess;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.tracing.OtlpReceiver;
import dev.respec.stage.tracing.OtlpReceiver.ReceivedSpan;
import dev.respec.topics.TopicCatalogue;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code respec local} with a collector beside it: every request is traced, and the metrics are exported as they come. */
class ExportedRunIT {
    private static final int STEPS = 3;
    private static final Duration FINISH = Duration.ofMinutes(6);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Path home = Path.of("target/distribution").toAbsolutePath();

    @Test
    void shouldTraceARequestToTheStepThatTrainedOnItAndExportTheRun() throws Exception {
        try (OtlpReceiver collector = OtlpReceiver.start()) {
            runWith(collector);
            List<TrainingStep> steps = steps();
            assertThat(steps).hasSize(STEPS);
            for (TrainingStep step : steps) {
                verifyTrace(collector, step);
            }
            verifyMetrics(collector, steps);
        }
        verifyCheckpoints();
        try (Stream<Path> files = Files.list(folder.resolve("tb").resolve(runId()))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .anyMatch(name -> name.startsWith("events.out.tfevents."));
        }
    }

    /** From the step's links back to the requests, and on to the worker that adopted its weights. */
    private static void verifyTrace(OtlpReceiver collector, TrainingStep step) {
        ReceivedSpan trained = only(collector, "step", "respec.step", step.getStep());
        assertThat(trained.service()).isEqualTo("respec-trainer");
        assertThat(trained.span().getLinksCount())
                .isEqualTo(step.getRequestIds().size());
        for (Span.Link link : trained.span().getLinksList()) {
            ReceivedSpan assembly = at(collector, hex(link.getTraceId()), hex(link.getSpanId()));
            ReceivedSpan scoring = parent(collector, assembly);
            ReceivedSpan generation = parent(collector, scoring);
            ReceivedSpan request = parent(collector, generation);
            ReceivedSpan queue =
                    named(collector, hex(link.getTraceId()), "queue").get(0);
            assertThat(List.of(name(assembly), name(scoring), name(generation), name(request), name(queue)))
                    .containsExactly("assembly", "scoring", "generation", "request", "queue");
            assertThat(Stream.of(assembly, scoring, generation, request, queue).map(ReceivedSpan::service))
                    .containsExactly(
                            "respec-trainer",
                            "respec-reward-scorer",
                            "respec-rollout-worker",
                            "respec-trainer",
                            "respec-rollout-worker");
            assertThat(queue.span().getParentSpanId()).isEqualTo(request.span().getSpanId());
            assertThat(step.getRequestIds())
                    .contains(OtlpReceiver.attribute(request.span().getAttributesList(), "respec.request.id"));
            assertThat(named(collector, hex(link.getTraceId()), "generation")).hasSize(4);
            assertInOrder(
                    request.span(), queue.span(), generation.span(), scoring.span(), assembly.span(), trained.span());
        }
        if (step.getMetrics().getOrDefault("no_signal", 0.0) != 1 && step.getStep() < STEPS) {
            ReceivedSpan publication = named(collector, hex(trained.span().getTraceId()), "publication")
                    .get(0);
            assertThat(publication.span().getParentSpanId())
                    .isEqualTo(trained.span().getSpanId());
            assertThat(named(collector, hex(trained.span().getTraceId()), "adoption"))
                    .allSatisfy(adoption -> {
                        assertThat(adoption.service()).isEqualTo("respec-rollout-worker");
                        assertThat(adoption.span().getParentSpanId())
                                .isEqualTo(publication.span().getSpanId());
                    });
        }
    }

    /** All on one machine, so the clock is one; a record's time is in whole milliseconds. */
    private static void assertInOrder(Span... spans) {
        for (int i = 1; i < spans.length; i++) {
            assertThat(spans[i].getEndTimeUnixNano())
                    .as(spans[i].getName() + " after " + spans[i - 1].getName())
                    .isGreaterThanOrEqualTo(spans[i - 1].getStartTimeUnixNano());
            assertThat(spans[i].getEndTimeUnixNano()).isGreaterThanOrEqualTo(spans[i].getStartTimeUnixNano());
        }
    }

    private static void verifyMetrics(OtlpReceiver collector, List<TrainingStep> steps) {
        assertThat(collector.spans())
                .extracting(ReceivedSpan::span)
                .anyMatch(span -> span.getName().equals("adoption"));
        assertThat(collector.metrics())
                .filteredOn(received -> received.metric().getName().equals("respec.train.reward_mean"))
                .extracting(received ->
                        received.metric().getGauge().getDataPoints(0).getAsDouble())
                .containsExactlyElementsOf(steps.stream()
                        .map(step -> step.getMetrics().get("reward_mean"))
                        .toList());
        assertThat(collector.metrics())
                .filteredOn(received -> received.metric().getName().equals("respec.result.after.sampled_pass_at_1"))
                .hasSize(1);
    }

    private void verifyCheckpoints() throws IOException {
        Path policy = data().resolve("policy-final");
        Path drafter = data().resolve("drafter-final");
        Eagle3Checkpoint.read(drafter).requireFits(Checkpoint.read(policy).config());
        assertThat(Files.readString(policy.resolve("README.md")))
                .contains("after " + STEPS + " steps", "| pass@1, sampled |", "| data | builtin:arithmetic |")
                .doesNotContain(folder.toString(), home.toString());
        assertThat(Files.readString(drafter.resolve("README.md")))
                .contains("EAGLE-3")
                .doesNotContain(folder.toString(), home.toString());
    }

    private static ReceivedSpan only(OtlpReceiver collector, String name, String attribute, long value) {
        return collector.spans().stream()
                .filter(received -> received.span().getName().equals(name)
                        && received.span().getAttributesList().stream()
                                .anyMatch(each -> each.getKey().equals(attribute)
                                        && each.getValue().getIntValue() == value))
                .findFirst()
                .orElseThrow();
    }

    private static List<ReceivedSpan> named(OtlpReceiver collector, String trace, String name) {
        return collector.spans().stream()
                .filter(received -> hex(received.span().getTraceId()).equals(trace)
                        && received.span().getName().equals(name))
                .toList();
    }

    private static ReceivedSpan at(OtlpReceiver collector, String trace, String span) {
        return collector.spans().stream()
                .filter(received -> hex(received.span().getTraceId()).equals(trace)
                        && hex(received.span().getSpanId()).equals(span))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no span " + span + " of trace " + trace + " in "
                        + collector.spans().stream()
                                .map(ReceivedSpan::span)
                                .map(Span::getName)
                                .collect(Collectors.groupingBy(name -> name, Collectors.counting()))));
    }

    private static ReceivedSpan parent(OtlpReceiver collector, ReceivedSpan child) {
        return at(collector, hex(child.span().getTraceId()), hex(child.span().getParentSpanId()));
    }

    private static String name(ReceivedSpan received) {
        return received.span().getName();
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private void runWith(OtlpReceiver collector) throws IOException, InterruptedException {
        Path log = folder.resolve("local.log");
        try (RespecProcess local = RespecProcess.start(arguments(collector.address()), home, log)) {
            local.awaitSuccess(FINISH, log);
        }
    }

    private List<String> arguments(String collector) {
        List<String> arguments =
                new ArrayList<>(List.of("local", "--data-dir", data().toString(), "--steps", Integer.toString(STEPS)));
        for (String setting : List.of(
                "tracing.otlp=" + collector,
                "tracing.sample=1",
                "metrics.otlp=" + collector,
                "metrics.tensorboard=" + folder.resolve("tb"),
                "sampling.max-tokens=64",
                "trainer.prompts-per-step=4",
                "trainer.group-size=4",
                "data.evaluation-size=16",
                "worker.slots=16",
                "worker.cost-budget=300ms",
                "worker.cost-batches=[1, 8]",
                "local.page=false",
                "local.bench=false")) {
            arguments.addAll(List.of("--set", setting));
        }
        return arguments;
    }

    private List<TrainingStep> steps() throws InterruptedException {
        RespecConfig config = RespecConfig.load(null, Map.of(), List.of("run.data-dir=" + data()));
        return new RunAccess(config, new Installation(home))
                .read(run -> run.events().readAll(TopicCatalogue.TRAINING_STEPS).stream()
                        .flatMap(event -> Optional.ofNullable(event.value()).stream())
                        .filter(step -> step.getRole() == WeightRole.POLICY)
                        .toList());
    }

    private String runId() throws IOException {
        return new ObjectMapper()
                .readTree(data().resolve("run.json").toFile())
                .path("runId")
                .asText();
    }

    private Path data() {
        return folder.resolve("data");
    }
}
