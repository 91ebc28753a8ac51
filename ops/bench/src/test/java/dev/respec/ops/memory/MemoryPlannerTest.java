package dev.respec.ops.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans for the shapes of Qwen2.5-0.5B and Qwen2.5-7B; numbers of parameters as their makers give them. */
class MemoryPlannerTest {
    private static final long GIB = 1L << 30;
    private static final long PARAMETERS_OF_HALF_A_BILLION = 494_032_768;

    @TempDir
    private Path folder;

    private final List<String> told = new ArrayList<>();

    private Path small;
    private Path large;

    @BeforeEach
    void models() throws IOException {
        small = model("small", 896, 4864, 24, 14, 2, true);
        large = model("large", 3584, 18_944, 28, 28, 4, false);
    }

    @Test
    void shouldCountWeightsGradientsAndMomentsOnceInFloat32() {
        MemoryPlan plan = plan(small, 64, "model.drafter=none");

        Map<String, Long> parts = parts(plan, "trainer");
        assertThat(parts.get("policy")).isEqualTo(4 * PARAMETERS_OF_HALF_A_BILLION);
        assertThat(parts.get("gradients")).isEqualTo(4 * PARAMETERS_OF_HALF_A_BILLION);
        assertThat(parts.get("moments")).isEqualTo(8 * PARAMETERS_OF_HALF_A_BILLION);
        assertThat(plan.lowered()).isEmpty();
        assertThat(names(plan)).containsExactly("trainer", "worker");
    }

    @Test
    void shouldLowerWhatTheUserLeftAtItsDefaultUntilTheRunFits() {
        MemoryPlan plan = plan(small, 20, "model.drafter=none");

        assertThat(plan.bytes()).isLessThan(16 * GIB);
        assertThat(plan.lowered()).contains("trainer.gradient-checkpointing=true");
        assertThat(plan.settled().trainer().gradientCheckpointing()).isTrue();
        assertThat(plan.settled().local().stageMemory().trainer()).matches("\\d+m");
    }

    @Test
    void shouldCountTheProcessesOfRewards() {
        long without = bytes();

        long programs =
                bytes("reward.code.enabled=true", "reward.code.parallel=4", "reward.code.memory-megabytes=1024");
        long children = bytes("scorer.reward-jars=jars", "scorer.reward-threads=2", "reward.child-megabytes=512");

        assertThat(programs - without).isEqualTo(4 * GIB);
        assertThat(children - without).isGreaterThan(GIB);
        assertThat(bytes("scorer.reward-jars=jars", "reward.trusted=true")).isEqualTo(without);
    }

    private long bytes(String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("model.drafter=none");
        return plan(small, 64, all.toArray(String[]::new)).bytes();
    }

    @Test
    void shouldKeepWhatTheUserChose() {
        MemoryPlan plan = plan(
                small,
                20,
                "model.drafter=none",
                "worker.slots=20",
                "trainer.micro-batch-tokens=2000",
                "local.stage-memory.worker=3g");

        assertThat(plan.settled().worker().slots()).isEqualTo(20);
        assertThat(plan.settled().trainer().microBatchTokens()).isEqualTo(2000);
        assertThat(plan.settled().local().stageMemory().worker()).isEqualTo("3072m");
        assertThat(parts(plan, "worker").get("heap")).isEqualTo(3 * GIB);
    }

    @Test
    void shouldRefuseWhatCannotFitAndSayWhatWould() {
        assertThatThrownBy(() -> plan(small, 10, "model.drafter=none"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("model.policy " + small)
                .hasMessageContaining("this machine has 24.0 GiB, of which 10.0 GiB can be used")
                .hasMessageContaining("moments 3.7 GiB, policy 1.8 GiB, gradients 1.8 GiB")
                .hasMessageContaining("--set trainer.lora.rank=16")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> plan(large, 20, "model.drafter=none"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("moments 56.7 GiB")
                .hasMessageContaining("Take a smaller model");
    }

    @Test
    void shouldSayThatARunWithoutANewDrafterFits() {
        assertThatThrownBy(() -> plan(small, 17, "model.drafter=new"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("What fits: train an adapter with --set trainer.lora.rank=16")
                .hasMessageContaining("or draft by suffix only with --set model.drafter=none");
    }

    @Test
    void shouldPlanWithTheMemoryThatTheUserGives() {
        assertThatThrownBy(() -> plan(small, 20, "model.drafter=none", "local.memory=9g"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("9.0 GiB can be used");
    }

    @Test
    void shouldPlanTheLearnerOfANewDrafter() {
        MemoryPlan plan = plan(small, 64, "model.drafter=new");

        assertThat(names(plan)).containsExactly("trainer", "worker", "learner");
        assertThat(names(plan(small, 64, "model.drafter=new", "learner.enabled=false")))
                .containsExactly("trainer", "worker");
        assertThat(parts(plan, "learner").get("policy")).isEqualTo(4 * PARAMETERS_OF_HALF_A_BILLION);
    }

    @Test
    void shouldTrainOnlyFactorsOfAnAdapter() {
        // rank 8: both factors of q, o (896 + 896), k, v (896 + 128), gate, up, down (896 + 4864) in 24 layers
        long factors = 8L * 24 * (2 * (896 + 896) + 2 * (896 + 128) + 3 * (896 + 4864));

        Map<String, Long> parts = parts(plan(small, 20, "model.drafter=none", "trainer.lora.rank=8"), "trainer");

        assertThat(parts.get("policy")).isEqualTo(2 * PARAMETERS_OF_HALF_A_BILLION + 4 * factors);
        assertThat(parts.get("gradients")).isEqualTo(4 * factors);
        assertThat(parts.get("moments")).isEqualTo(8 * factors);
    }

    @Test
    void shouldLeaveAStageAloneThatItsContainerHolds() {
        RespecConfig config = config(small, "model.drafter=none");

        assertThat(fit(config, 24)).isEqualTo(config);
        assertThat(told).isEmpty();
    }

    @Test
    void shouldLowerWhatAStageInAContainerWasLeftAtItsDefault() {
        // 7.4 GiB for weights, gradients and moments; the activations of 1280 tokens in 24 layers take 3 GiB
        RespecConfig fitted = fit(config(small, "model.drafter=none"), 11);

        assertThat(fitted.trainer().gradientCheckpointing()).isTrue();
        assertThat(told)
                .singleElement()
                .asString()
                .startsWith("lowered to fit the 11.0 GiB of this container: ")
                .contains("trainer.gradient-checkpointing=true");
        // and no more than needed
        assertThat(fitted.trainer().microBatchTokens()).isEqualTo(1280);
    }

    @Test
    void shouldRefuseAStageThatItsContainerCannotHoldAndSuggestAnAdapter() {
        assertThatThrownBy(() -> fit(config(small, "model.drafter=none"), 6))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("the trainer needs")
                .hasMessageContaining("this container has 6.0 GiB")
                .hasMessageContaining("or train an adapter with --set trainer.lora.rank=16 (");
        // two bytes a weight do not fit either
        assertThatThrownBy(() -> fit(config(large, "model.drafter=none"), 6))
                .isInstanceOf(BadInputException.class)
                .hasMessageNotContaining("lora");
    }

    private RespecConfig fit(RespecConfig config, long gibibytes) {
        return StageLimit.fit(
                "trainer", config, GIB / 2, new MachineMemory(gibibytes * GIB, 0, "this container"), told::add);
    }

    /** 24 layers, 2 key heads of 64, keys and values in float32: 24,576 bytes per token, 16 tokens per page. */
    @Test
    void shouldPlanTheKeysAndValuesOfAsManyPagesAsTheBoundAllows() {
        var policy = ModelConfig.read(small);
        assumeTrue(TargetModel.runsInMachineCode(policy), "this processor has no dot products of bfloat16");
        long page = 16 * 24 * 2 * 2 * 64 * 4;
        String[] bounded = {"model.drafter=none", "worker.key-value-megabytes=256", "worker.capacity=4096"};
        Map<String, Long> parts = parts(plan(small, 64, bounded), "worker");
        long pages = (256L << 20) / page;
        assertThat(parts).containsEntry("keys and values, " + pages + " pages of 16 tokens", pages * page);

        Map<String, Long> whole = parts(plan(small, 64, "model.drafter=none"), "worker");
        assertThat(whole).containsEntry("keys and values of 32 slots", 32 * 768 / 16 * page);
    }

    /** Weights take 0.9 GiB, 16 sequences of 32,768 tokens 12 GiB, everything else less than one. */
    @ParameterizedTest
    @CsvSource({"8, 6144", "5, 3072"})
    void shouldShareFewerPagesAmongAsManySequencesBeforeThereAreFewSequences(int gibibytes, int megabytes) {
        assumeTrue(
                TargetModel.runsInMachineCode(ModelConfig.read(small)),
                "this processor has no dot products of bfloat16");
        var container = new MachineMemory(gibibytes * GIB, 0, "this container");
        RespecConfig asked = config(small, "model.drafter=none", "worker.capacity=32768");

        RespecConfig fitted = StageLimit.fit("worker", asked, GIB / 2, container, told::add);

        assertThat(fitted.worker().slots()).isEqualTo(16);
        assertThat(fitted.worker().keyValueMegabytes()).isEqualTo(megabytes);
    }

    @Test
    void shouldRefuseABoundOnTheCacheThatDoesNotHoldOneSequence() {
        assertThatThrownBy(() -> plan(small, 20, "model.drafter=none", "worker.key-value-megabytes=1"))
                .isInstanceOf(BadInputException.class)
                .hasMessageStartingWith("worker.key-value-megabytes: 1 MiB do not hold one sequence of 768 tokens (");
    }

    @Test
    void shouldShowATable() {
        List<String> lines = plan(small, 20, "model.drafter=none").lines();

        assertThat(lines.get(0)).contains("planned", "this machine has 24.0 GiB, of which 20.0 GiB can be used");
        assertThat(lines).anyMatch(line -> line.startsWith("  trainer ") && line.contains("moments 3.7 GiB"));
        assertThat(lines).anyMatch(line -> line.startsWith("  worker ") && line.contains("keys and values of"));
        assertThat(lines).anyMatch(line -> line.contains("broker, registry, scorer, controller, respec"));
    }

    @Test
    void shouldPlanTheMemoryOfEachDevice() {
        String[] one = {"model.drafter=none", "model.device=cuda"};
        // 988 MB in bfloat16; 32 slots of 768 tokens of 24 layers, 2 key heads of 64, keys and values: 604 MB
        assertThat(plan(small, 64, one).devices())
                .singleElement()
                .asString()
                .startsWith("cuda card: ")
                .contains("planned of 80.0 GiB; worker ", "policy 0.9 GiB", "; trainer ", "moments 3.7 GiB")
                .doesNotContain("heap");
        String[] two = {"model.drafter=none", "model.device=cuda", "trainer.device=cuda:1"};
        List<String> lines = plan(small, 64, two).lines();
        assertThat(lines.get(lines.size() - 2))
                .startsWith("cuda card: ")
                .contains("worker")
                .doesNotContain("trainer");
        assertThat(lines.get(lines.size() - 1)).startsWith("cuda:1 card: ").contains("trainer");
        assertThat(plan(small, 64, "model.drafter=none", "model.device=cpu").devices())
                .isEmpty();
    }

    /** 7.6 billion parameters × 16 bytes for training are 113 GiB. */
    @Test
    void shouldRefuseWhatADeviceCannotHold() {
        assertThatThrownBy(() -> plan(large, 400, "model.drafter=none", "model.device=cuda"))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("cuda card has 80.0 GiB, but the stages on it need")
                .hasMessageContaining("moments 56.7 GiB")
                .hasMessageContaining("--set trainer.lora.rank=16")
                .hasMessageNotContaining("\n");
        assertThat(plan(large, 400, "model.drafter=none", "model.device=cuda", "trainer.lora.rank=16")
                        .devices())
                .hasSize(1);
    }

    private MemoryPlan plan(Path policy, long availableGibibytes, String... settings) {
        return MemoryPlanner.plan(
                config(policy, settings),
                new MachineMemory(Math.max(24, availableGibibytes) * GIB, availableGibibytes * GIB, "this machine"),
                setting -> setting.value().startsWith("cuda")
                        ? Optional.of(new DevicePlan.Device(setting.value() + " card", 80 * GIB))
                        : Optional.empty());
    }

    private static RespecConfig config(Path policy, String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("model.policy=" + policy);
        all.add("model.compute-type=bfloat16");
        return RespecConfig.defaults().withOverrides(all);
    }

    private static List<String> names(MemoryPlan plan) {
        return plan.processes().stream().map(ProcessMemory::name).toList();
    }

    private static Map<String, Long> parts(MemoryPlan plan, String process) {
        return plan.processes().stream()
                .filter(each -> each.name().equals(process))
                .flatMap(each -> each.parts().stream())
                .collect(Collectors.toMap(ProcessMemory.Part::name, ProcessMemory.Part::bytes));
    }

    private Path model(String name, int hidden, int inner, int layers, int heads, int keyValueHeads, boolean tied)
            throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        Files.writeString(model.resolve("config.json"), """
            {"model_type": "qwen2", "vocab_size": %d, "hidden_size": %d, "intermediate_size": %d,
             "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d,
             "max_position_embeddings": 32768, "tie_word_embeddings": %s, "eos_token_id": 151645,
             "torch_dtype": "bfloat16"}
            """.formatted(
                        tied ? 151_936 : 152_064, hidden, inner, layers, heads, keyValueHeads, tied));
        return model;
    }
}
