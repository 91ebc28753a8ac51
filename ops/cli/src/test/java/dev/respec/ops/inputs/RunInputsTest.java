package dev.respec.ops.inputs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.ops.Respec;
import dev.respec.stage.BadInputException;
import dev.respec.stage.ExitCode;
import dev.respec.stage.config.RespecConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a local run is given: a wrong one ends it before any process starts, with one line and one exit code. */
class RunInputsTest {
    private static final Path MODELS = Path.of("models").toAbsolutePath();

    @TempDir
    private Path folder;

    private final PrintStream console = System.err;
    private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

    @BeforeEach
    void listen() throws IOException {
        System.setProperty("respec.home", Path.of("").toAbsolutePath().toString());
        System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
        Files.writeString(folder.resolve("file"), "no folder");
        Files.createDirectory(folder.resolve("empty"));
        Files.writeString(folder.resolve("bad.jsonl"), "{\"prompt\": 1\n");
        Files.writeString(
                folder.resolve("task.jsonl"), "{\"prompt\": \"1+1\", \"answer\": \"2\", \"task\": \"nobody's\"}\n");
    }

    @AfterEach
    void restoreTheConsole() {
        System.setErr(console);
        System.clearProperty("respec.home");
    }

    @ParameterizedTest
    @CsvSource({
        "model.policy=DIR/none, 4, no such folder",
        "model.policy=DIR/empty, 4, config.json",
        "model.drafter=DIR/none, 4, no such folder",
        "model.drafter=DIR/empty, 4, config.json",
        "model.smaller=DIR/none, 4, no such folder",
        "worker.capacity=4096, 4, model.policy reads at most 1024",
        "sampling.max-tokens=2000, 4, model.policy reads at most 1024",
        "local.memory=1g, 4, can be used",
        "local.memory=much, 2, auto or a size such as 512m or 2g",
        "data.chat=on, 2, data.train and data.evaluation are generated",
        "data.system-prompt=Be brief., 2, data.train and data.evaluation are generated",
        "data.prompt-template=Be brief., 2, {prompt}",
        "data.train=DIR/none.jsonl, 4, no such file",
        "data.train=DIR/empty, 4, no such file",
        "data.train=DIR/bad.jsonl, 4, bad.jsonl:1",
        "data.train=DIR/task.jsonl, 4, nobody's",
        "data.train=builtin:nothing, 2, builtin:nothing",
        "data.evaluation=DIR/none.jsonl, 4, no such file",
        "data.evaluation=DIR/task.jsonl, 4, nobody's",
        "data.task=nothing, 2, no such reward function",
        "evaluation.best-by=arithmetic sampled pass@8, 2, at most pass@4",
        "evaluation.best-by=words greedy pass@1, 2, a data set of evaluation.data",
        "'evaluation.data={words: {file: DIR/task.jsonl, task: nothing}}', 2, no such reward function",
        "'evaluation.data={words: {path: DIR/task.jsonl}}', 2, evaluation.data",
        "sampling.temperature=0, 2, temperature",
        "data.curriculum.enabled=true, 2, a JSONL file",
        "trainer.dynamic-sampling.limit=1, 2, at least 2",
        "scorer.reward-jars=DIR/none, 2, scorer.reward-jars",
        "scorer.reward-jars=DIR/file, 2, scorer.reward-jars",
        "scorer.state-dir=DIR/file, 2, scorer.state-dir",
        "kafka.properties-file=DIR/none, 2, no such file",
        "kafka.properties-file=DIR/empty, 2, it is a folder",
        "registry.trusted-certificates=DIR/none, 2, registry.trusted-certificates",
        "artefacts.root=DIR/file, 2, artefacts.root",
        "run.data-dir=DIR/file, 2, --data-dir",
        "run.data-dir=DIR/file/below, 2, --data-dir"
    })
    void shouldRefuseBeforeAnythingStarts(String setting, int code, String message) {
        int exit = local("--set", setting.replace("DIR", folder.toString()));

        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains(message)
                .doesNotContain("Exception", "defect");
        assertThat(exit).isEqualTo(code);
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "DIR/none.jsonl, 4, no such file",
        "DIR/bad.jsonl, 4, bad.jsonl:1",
        "DIR/task.jsonl, 4, nobody's",
        "builtin:nothing, 2, builtin:nothing"
    })
    void shouldRefuseADataSetThatARunCannotBeEvaluatedOn(String location, int code, String message) {
        int exit = local(
                "--set",
                "evaluation.every=1",
                "--set",
                "evaluation.data={words: '%s'}".formatted(location.replace("DIR", folder.toString())));

        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains("evaluation.data, words", message)
                .doesNotContain("Exception", "defect");
        assertThat(exit).isEqualTo(code);
        assertThat(folder.resolve("data")).doesNotExist();
    }

    /** Nothing listens at port 1, which only root may take. */
    @ParameterizedTest
    @CsvSource({
        "reward.http.url=http://127.0.0.1:1/score, 3, reward.http.url http://127.0.0.1:1/score: cannot connect",
        "reward.judge.url=http://127.0.0.1:1/v1, 3, reward.judge.url http://127.0.0.1:1/v1/chat/completions: cannot connect",
        "reward.http.url=http://127.0.0.1:1 reward.http.key-variable=NO_SUCH_KEY, 2, NO_SUCH_KEY",
        "reward.code.enabled=true reward.code.python=/none/python3, 2, /none/python3"
    })
    void shouldRefuseRewardsThatCannotBeHad(String settings, int code, String message) {
        List<String> arguments = new ArrayList<>(List.of(
                "--set",
                "reward.start-timeout=300ms",
                "--set",
                "reward.judge.model=m",
                "--set",
                "reward.code.isolation=limits-only"));
        for (String setting : settings.split(" ")) {
            arguments.addAll(List.of("--set", setting));
        }

        int exit = local(arguments.toArray(String[]::new));

        assertThat(errors.toString(StandardCharsets.UTF_8).lines())
                .singleElement()
                .asString()
                .contains(message)
                .doesNotContain("Exception", "defect");
        assertThat(exit).isEqualTo(code);
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void shouldRefuseASummaryThatCannotBeWritten() {
        assertThat(local("--json", folder.resolve("none/x.json").toString())).isEqualTo(ExitCode.USAGE.code());
        assertThat(errors.toString(StandardCharsets.UTF_8)).contains("--json", "create it first");
    }

    @Test
    void shouldLeaveOutABuiltInDrafterThatDoesNotBelongToThePolicy() {
        Path policy = policyOfAnotherShape();
        List<String> notices = new ArrayList<>();

        RespecConfig fitting = ModelInputs.fitting(
                config(policy, MODELS.resolve("drafter")), ModelInputs.Drafter.DEFAULT, notices::add);

        assertThat(fitting.model().drafter()).isEqualTo("none");
        assertThat(notices)
                .singleElement()
                .asString()
                .contains(policy.toString(), "hidden size 96, the policy has 120", "suffix only");
    }

    @Test
    void shouldRefuseATokenizerWhoseIdsExceedTheVocabulary() throws IOException {
        Path policy = Files.createDirectory(folder.resolve("policy"));
        Checkpoint.read(MODELS.resolve("policy")).write(policy);
        String tokenizer = Files.readString(policy.resolve("tokenizer.json"));
        Files.writeString(policy.resolve("tokenizer.json"), tokenizer.replaceFirst("\"id\"\\s*:\\s*0", "\"id\": 22"));

        assertThat(local("--set", "model.policy=" + policy, "--set", "model.drafter=none"))
                .isEqualTo(ExitCode.BAD_INPUT.code());
        assertThat(errors.toString(StandardCharsets.UTF_8))
                .contains("tokenizer.json", "its largest id is 22", "vocabulary has 22 tokens");
    }

    @Test
    void shouldKeepANewDrafterThatThePolicyCanHave() {
        RespecConfig config = config(MODELS.resolve("policy"), Path.of("new"));

        assertThat(ModelInputs.fitting(config, ModelInputs.Drafter.NAMED, notice -> {}))
                .isEqualTo(config);
        assertThatThrownBy(() -> ModelInputs.requireMadeDrafter(config))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("'respec local' makes");
    }

    @Test
    void shouldRefuseANewDrafterForAPolicyOfTwoLayers() {
        Path policy = folder.resolve("two");
        Checkpoint.random(ModelConfig.qwen2(22, 16, 32, 2, 2, 2, 64, List.of(1)), 1)
                .write(policy);
        RespecConfig config = config(policy, Path.of("new"));

        assertThatThrownBy(() -> ModelInputs.fitting(config, ModelInputs.Drafter.NAMED, notice -> {}))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("three hidden states, and the policy has 2 layers");
    }

    @Test
    void shouldRefuseADrafterOfTheUsersThatDoesNotFit() {
        Path policy = policyOfAnotherShape();
        RespecConfig config = config(policy, MODELS.resolve("drafter"));

        assertThatThrownBy(() -> ModelInputs.fitting(config, ModelInputs.Drafter.NAMED, notice -> {}))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("does not fit model.policy")
                .hasMessageContaining("target_hidden_size: expected the target's 120, found 96");
    }

    @Test
    void shouldKeepADrafterThatFits() {
        RespecConfig config = config(MODELS.resolve("policy"), MODELS.resolve("drafter"));

        assertThat(ModelInputs.fitting(config, ModelInputs.Drafter.DEFAULT, notice -> {}))
                .isEqualTo(config);
    }

    private Path policyOfAnotherShape() {
        String[] grow = {
            "grow",
            "--model",
            MODELS.resolve("policy").toString(),
            "--drafter",
            "none",
            "--hidden",
            "120",
            "-o",
            folder.resolve("grown").toString()
        };
        assertThat(Respec.execute(grow)).isZero();
        return folder.resolve("grown/policy");
    }

    private static RespecConfig config(Path policy, Path drafter) {
        return RespecConfig.defaults().withOverrides(List.of("model.policy=" + policy, "model.drafter=" + drafter));
    }

    private int local(String... arguments) {
        List<String> line = new ArrayList<>(List.of("local"));
        if (Arrays.stream(arguments).noneMatch(argument -> argument.startsWith("run.data-dir"))) {
            line.addAll(List.of("--data-dir", folder.resolve("data").toString()));
        }
        line.addAll(List.of(arguments));
        return Respec.execute(line.toArray(String[]::new));
    }
}
