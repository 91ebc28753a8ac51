package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.scorer.reward.Arithmetic;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.stage.tracing.RecordedTraces;
import dev.respec.stage.tracing.TraceContext;
import dev.respec.stage.tracing.TracedSpan;
import dev.respec.stage.tracing.Traces;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.TraceHeader;
import dev.respec.topics.embedded.EmbeddedSchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TracedScoringTest {
    private static final TraceContext REQUEST = TraceContext.root("run/0");

    @TempDir
    private Path state;

    private final RecordedTraces traces = new RecordedTraces();

    @Test
    void shouldHandATraceOnFromTheRolloutsToTheGroup() {
        List<TestRecord<String, ScoredRollout>> group = score(traces, header(0), header(1));

        assertThat(group).hasSize(2);
        TraceContext last = REQUEST.child("generation 1").child("scoring");
        assertThat(group).extracting(record -> TraceHeader.of(record.headers())).containsOnly(last.header());
        assertThat(traces.spans()).extracting(TracedSpan::name).containsExactly("scoring", "scoring");
        assertThat(traces.spans())
                .extracting(TracedSpan::parent)
                .containsExactly(REQUEST.child("generation 0"), REQUEST.child("generation 1"));
        assertThat(traces.spans().get(1).at()).isEqualTo(last);
    }

    @Test
    void shouldScoreAlikeWithoutAHeaderAndWithOneThatNobodyCanRead() {
        List<TestRecord<String, ScoredRollout>> group = score(traces, null, "gibberish");

        assertThat(group).hasSize(2).allMatch(record -> TraceHeader.of(record.headers()) == null);
        assertThat(traces.spans()).isEmpty();
    }

    @Test
    void shouldLeaveHeadersOfOthersAloneWhenOff() {
        assertThat(score(Traces.OFF, header(0), header(1)))
                .hasSize(2)
                .allMatch(record -> TraceHeader.of(record.headers()) == null);
    }

    private static String header(int sample) {
        return REQUEST.child("generation " + sample).header();
    }

    private List<TestRecord<String, ScoredRollout>> score(Traces traced, @Nullable String... headers) {
        try (var registry = EmbeddedSchemaRegistry.start();
                var events = new EventLog(
                        new ClusterConfig(
                                "localhost:1", "", Map.of(), new RegistryConfig(List.of(registry.url()), null, null)),
                        "test");
                var guard = new GuardedRewards(Duration.ofSeconds(1), Clock.systemUTC())) {
            var rewards = new RewardScorer(RewardFunctions.of(List.of(new Arithmetic())), guard, Clock.systemUTC());
            var policy = new ScoringPolicy("run", Duration.ofMinutes(10), Duration.ofHours(1));
            var topology = new RewardScorerTopology(events, rewards, policy, new SimpleMeterRegistry(), traced);
            var properties = new Properties();
            properties.put("application.id", "reward-scorer");
            properties.put("state.dir", state.toString());
            try (var driver = new TopologyTestDriver(topology.topology(), properties, Instant.EPOCH)) {
                var rollouts = driver.createInputTopic(
                        "rollouts",
                        new StringSerializer(),
                        events.serde(TopicCatalogue.ROLLOUTS).serializer());
                for (int sample = 0; sample < headers.length; sample++) {
                    Rollout rollout = Rollouts.aRollout()
                            .sample("run/0", sample, headers.length)
                            .build();
                    var sent = new RecordHeaders();
                    TraceHeader.put(sent, headers[sample]);
                    rollouts.pipeInput(new TestRecord<>(rollout.getRequestId(), rollout, sent));
                }
                return driver.createOutputTopic(
                                "scored-rollouts",
                                new StringDeserializer(),
                                events.serde(TopicCatalogue.SCORED_ROLLOUTS).deserializer())
                        .readRecordsToList();
            }
        }
    }
}
