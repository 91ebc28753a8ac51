package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On the models that ship. */
class GrowCommandTest {
    private static final Path MODELS = Path.of("models").toAbsolutePath();

    @TempDir
    private Path folder;

    private final StringWriter errors = new StringWriter();

    @Test
    void shouldWritePolicyTokenizerAndDrafter() {
        // When
        int code = grow("--hidden", "120", "--layers", "9", "--dtype", "bfloat16");
        // Then
        assertThat(errors.toString()).isEmpty();
        assertThat(code).isZero();
        Checkpoint policy = Checkpoint.read(folder.resolve("policy"));
        assertThat(policy.config().hiddenSize()).isEqualTo(120);
        assertThat(policy.config().layers()).isEqualTo(9);
        assertThat(policy.tensor("model.norm.weight").type()).isEqualTo(ElementType.BFLOAT16);
        Eagle3Checkpoint drafter = Eagle3Checkpoint.read(folder.resolve("drafter"));
        drafter.requireFits(policy.config());
        assertThat(drafter.config().hiddenSize()).isEqualTo(120);
        assertThat(folder.resolve("policy/tokenizer.json"))
                .hasSameBinaryContentAs(MODELS.resolve("policy/tokenizer.json"));
    }

    @Test
    void shouldPadTheVocabulary() {
        int code = grow("--hidden", "120", "--vocabulary", "3000", "--dtype", "bfloat16");
        assertThat(errors.toString()).isEmpty();
        assertThat(code).isZero();
        Checkpoint policy = Checkpoint.read(folder.resolve("policy"));
        assertThat(policy.config().vocabularySize()).isEqualTo(3000);
        Eagle3Checkpoint drafter = Eagle3Checkpoint.read(folder.resolve("drafter"));
        drafter.requireFits(policy.config());
        assertThat(drafter.config().draftVocabularySize()).isEqualTo(22);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--hidden 95|4|cannot be enlarged: hidden: the model has 96 and can only grow, found 95",
                "--heads 6 --kv-heads 4|4|cannot be enlarged: kv-heads: expected a divisor of 6 heads, found 4",
                "--parameters 100K|4|no shape of about 100,000 parameters",
                "--hidden 120 --vocabulary 21|4|vocabulary: the model has 22 and can only grow, found 21",
                "--layers 9 --vocabulary 99|4|vocabulary: a wider one needs a wider residual stream",
                "--parameters many|2|--parameters: expected a number such as 80M or 1.5B, found many",
                "--dtype float16|2|'--dtype': expected float32 or bfloat16, found float16"
            })
    void shouldRefuseInOneLineAndWriteNothing(String options, int exitCode, String line) {
        int code = grow(options.split(" "));
        assertThat(code).isEqualTo(exitCode);
        assertThat(errors.toString().strip()).contains(line).doesNotContain("\n");
        assertThat(Files.exists(folder.resolve("policy"))).isFalse();
    }

    private int grow(String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "grow",
                "--model",
                MODELS.resolve("policy").toString(),
                "--drafter",
                MODELS.resolve("drafter").toString(),
                "-o",
                folder.toString()));
        arguments.addAll(List.of(options));
        return Respec.commandLine().setErr(new PrintWriter(errors)).execute(arguments.toArray(String[]::new));
    }
}
