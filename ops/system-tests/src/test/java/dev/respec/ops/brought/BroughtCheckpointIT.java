package dev.respec.ops.brought;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.ops.audit.AuditReport;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.chaos.RespecProcess;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.TopicCatalogue;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code respec local} on a checkpoint that nobody has seen before: three layers of random weights, a byte-level BPE
 * tokenizer of 512 tokens as Qwen2's is built, a chat template, two stop tokens; questions as GSM8K's, and a drafter
 * that begins with random weights.
 */
class BroughtCheckpointIT {
    private static final int STEPS = 3;
    private static final int VOCABULARY = 512;
    private static final Duration FINISH = Duration.ofMinutes(6);
    private static final String QUESTION = "Ann has 2 apples and buys 3. How many does she have?";

    /** Text and tokens of the question as transformers' apply_chat_template and tokenizer give them. */
    private static final String RENDERED = "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n" + QUESTION
            + " End with \"####\" and the number.<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n";

    private static final int[] TOKENS = {
        510, 82, 88, 331, 68, 76, 198, 33, 68, 272, 358, 68, 69, 13, 511, 198, 510, 84, 82, 265, 198, 32, 77, 77, 324,
        220, 17, 258, 468, 426, 286, 430, 82, 220, 18, 13, 311, 303, 372, 326, 387, 30, 487, 274, 422, 220, 1, 2, 2, 2,
        2, 1, 286, 263, 441, 13, 511, 198, 510, 288, 82, 279, 83, 267, 83, 198, 27, 347, 259, 74, 29, 198, 198, 27, 14,
        347, 259, 74, 29, 198, 198
    };

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Path home = Path.of("target/distribution").toAbsolutePath();

    @BeforeEach
    void bringACheckpoint() throws IOException, URISyntaxException {
        URI tokenizer =
                Objects.requireNonNull(getClass().getResource("tokenizer.json")).toURI();
        Path resources = Objects.requireNonNull(Path.of(tokenizer).getParent());
        ModelConfig shape = ModelConfig.qwen2(VOCABULARY, 64, 128, 3, 4, 2, 512, List.of(511));
        Checkpoint.random(shape, 5).withSource(resources).write(folder.resolve("model"));
        Files.writeString(folder.resolve("train.jsonl"), """
                {"question": "%s", "answer": "2 + 3 = 5.\\n#### 5"}
                {"question": "Ben reads 4 pages each day. How many does he read in 3 days?", "answer": "#### 12"}
                """.formatted(QUESTION));
        writeRewardJar(Files.createDirectory(folder.resolve("jars")).resolve("even.jar"));
    }

    @Test
    void shouldTrainACheckpointInItsOwnWords() throws Exception {
        Path log = folder.resolve("local.log");
        try (RespecProcess local = RespecProcess.start(arguments(), home, log)) {
            local.awaitSuccess(FINISH, log);
        }
        RespecConfig config = RespecConfig.load(null, Map.of(), List.of("run.data-dir=" + data()));
        new RunAccess(config, new Installation(home)).read(run -> {
            verifyRun(new RunReader(run.events(), run.runId()).read());
            verifyWords(run.events().readAll(TopicCatalogue.ROLLOUTS).stream()
                    .map(event -> event.requireValue())
                    .toList());
            return run;
        });
        assertThat(Files.readString(log)).contains("Memory: ", "  learner ", "random weights");
        verifyCheckpoints();
    }

    private static void verifyRun(RunRecords records) {
        AuditReport audit = RunAudit.audit(records, 2);
        assertThat(audit.violations()).isEmpty();
        assertThat(audit.scoredRollouts()).isEqualTo(STEPS * 2 * 4);
        assertThat(records.steps(WeightRole.POLICY)).hasSize(STEPS);
        assertThat(records.weightUpdates()).anyMatch(update -> update.getVersion() > 0);
    }

    private static void verifyWords(List<Rollout> rollouts) {
        assertThat(rollouts)
                .filteredOn(rollout -> rollout.getPrompt().contains("apples"))
                .isNotEmpty()
                .allSatisfy(rollout -> {
                    assertThat(rollout.getPrompt()).isEqualTo(RENDERED);
                    assertThat(PackedArrays.toInts(rollout.getPromptTokens())).isEqualTo(TOKENS);
                });
        // either stop token ends a response, and nothing follows it
        assertThat(rollouts).allSatisfy(rollout -> {
            int[] response = PackedArrays.toInts(rollout.getResponseTokens());
            for (int i = 0; i < response.length - 1; i++) {
                assertThat(response[i]).isNotIn(509, 511);
            }
        });
    }

    private void verifyCheckpoints() {
        Path last = data().resolve("policy-final");
        assertThat(Checkpoint.read(last).config().stopTokens()).containsExactly(511, 509);
        for (String file : List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
            assertThat(last.resolve(file))
                    .hasSameBinaryContentAs(folder.resolve("model").resolve(file));
        }
        Eagle3Checkpoint drafter = Eagle3Checkpoint.read(data().resolve("drafter-initial"));
        drafter.requireFits(Checkpoint.read(last).config());
        assertThat(drafter.config().featureLayers()).containsExactly(0, 1, 2);
    }

    private List<String> arguments() {
        List<String> arguments =
                new ArrayList<>(List.of("local", "--data-dir", data().toString(), "--steps", Integer.toString(STEPS)));
        for (String setting : List.of(
                "model.policy=" + folder.resolve("model"),
                "model.drafter=new",
                "data.train=" + folder.resolve("train.jsonl"),
                "data.evaluation=" + folder.resolve("train.jsonl"),
                "data.task=even-length",
                "data.system-prompt=Be brief.",
                "data.prompt-template={prompt} End with \"####\" and the number.",
                "data.template-variables={enable_thinking: false}",
                "scorer.reward-jars=" + folder.resolve("jars"),
                "sampling.max-tokens=24",
                "trainer.prompts-per-step=2",
                "trainer.group-size=4",
                "learner.batch-rollouts=4",
                "learner.interval=1s",
                "worker.slots=8",
                "worker.cost-budget=300ms",
                "worker.cost-batches=[1, 8]",
                "local.bench=false")) {
            arguments.addAll(List.of("--set", setting));
        }
        return arguments;
    }

    private Path data() {
        return folder.resolve("data");
    }

    private static void writeRewardJar(Path file) throws IOException {
        String name = EvenLengthReward.class.getName();
        String entry = name.replace('.', '/') + ".class";
        try (var jar = new JarOutputStream(Files.newOutputStream(file));
                var code = Objects.requireNonNull(
                        EvenLengthReward.class.getClassLoader().getResourceAsStream(entry))) {
            jar.putNextEntry(new JarEntry(entry));
            jar.write(code.readAllBytes());
            jar.putNextEntry(new JarEntry("META-INF/services/dev.respec.scorer.reward.RewardFunction"));
            jar.write(name.getBytes(StandardCharsets.UTF_8));
        }
    }
}
