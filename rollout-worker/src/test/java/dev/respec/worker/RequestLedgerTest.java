package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.model.TargetModel;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.SamplingParameters;
import dev.respec.schemas.TrustedEvents;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestLedgerTest {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private static final Checkpoint POLICY =
            Checkpoint.random(ModelConfig.qwen2(7, 16, 32, 2, 2, 1, 64, List.of(1)), 3, 0.4, 1);

    @TempDir
    Path directory;

    private final List<Rollout> published = new ArrayList<>();
    private final CompletableFuture<String> written = new CompletableFuture<>();
    private final List<RequestLedger.Ended> ended = new ArrayList<>();

    @Test
    void shouldEndARequestOnceAllItsRolloutsAreWritten() {
        TextTokenizer.writeCharacterTokenizer(directory, "12345", List.of("<pad>", "<eos>"));
        try (TextTokenizer tokenizer = TextTokenizer.open(directory);
                GenerationEngine engine = engine()) {
            RequestLedger ledger = new RequestLedger(
                    engine::submit,
                    tokenizer,
                    new RolloutCodec("w", tokenizer),
                    rollout -> {
                        published.add(rollout);
                        return written;
                    },
                    Clock.systemUTC());
            // Given
            Instant begun = Instant.now();
            ledger.take(request());
            while (!engine.idle()) {
                engine.step().forEach(ledger::complete);
            }
            assertThat(published).extracting(Rollout::getSampleIndex).containsExactlyInAnyOrder(0, 1, 2);

            // When the log does not have all of it yet, then the request goes on
            ledger.drainEnded(ended::add);
            assertThat(ended).isEmpty();
            assertThat(ledger.size()).isOne();

            // And when it has, the request has ended, once
            written.complete("offset");
            ledger.drainEnded(ended::add);
            ledger.drainEnded(ended::add);
            assertThat(ended).singleElement().satisfies(end -> {
                assertThat(end.request().getRequestId()).isEqualTo("run/0");
                assertThat(end.firstTokenAt()).isBetween(begun, Instant.now());
            });
            assertThat(ledger.isEmpty()).isTrue();
        }
    }

    private static GenerationEngine engine() {
        TargetModel target = TargetModel.load(POLICY, 4, 64, ComputeType.FLOAT32, new int[0]);
        return new GenerationEngine(target, List.of(), List.of(1), new StepStatistics(List.of(4)));
    }

    private static RolloutRequest request() {
        return RolloutRequest.newBuilder()
                .setRunId("run")
                .setRequestId("run/0")
                .setRequestIndex(0)
                .setPromptId("p")
                .setPrompt("123")
                .setGroupSize(3)
                .setSampling(new SamplingParameters(1.0, 1.0, 0, 12))
                .setSeed(5)
                .setTask("exact-match")
                .setAnswer("1")
                .setAdmittedAtVersion(0)
                .setAdmittedAt(Instant.EPOCH)
                .build();
    }
}
