package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardFunctionsTest {
    private static final String SERVICE = "META-INF/services/dev.respec.scorer.reward.RewardFunction";

    @TempDir
    private Path folder;

    private Path jars;

    @BeforeEach
    void makeFolder() throws IOException {
        jars = Files.createDirectory(folder.resolve("jars"));
    }

    /** A jar as a user would build it, of a class whose reward is the response's length. */
    private void writeJar(String className, String rewardName, String constructor) throws IOException {
        Path source = folder.resolve(className + ".java");
        Files.writeString(source, """
                import dev.respec.scorer.reward.*;
                public class %1$s implements RewardFunction {
                    %3$s
                    public String name() { return "%2$s"; }
                    public Reward score(ScoringInput input) { return Reward.of(input.response().length()); }
                }
                """.formatted(className, rewardName, constructor));
        Path classes = Files.createDirectories(folder.resolve("classes"));
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        classes.toString(),
                        source.toString());
        assertThat(result).isZero();
        try (var jar = new JarOutputStream(Files.newOutputStream(jars.resolve(className + ".jar")))) {
            jar.putNextEntry(new JarEntry(className + ".class"));
            jar.write(Files.readAllBytes(classes.resolve(className + ".class")));
            jar.putNextEntry(new JarEntry(SERVICE));
            jar.write(className.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
    }

    @Test
    void shouldFindTheBuiltInFunctions() {
        assertThat(RewardFunctions.installed().names())
                .containsExactly("arithmetic", "boxed-math", "countdown", "exact-match", "gsm8k");
    }

    @Test
    void shouldFindAFunctionInAJar() throws IOException {
        writeJar("LengthReward", "length", "");

        var functions = RewardFunctions.installedAndIn(jars);

        assertThat(functions.names()).contains("length", "arithmetic");
        assertThat(functions.named("length").orElseThrow().score(Inputs.of("four", "")))
                .isEqualTo(Reward.of(4));
    }

    @Test
    void shouldRefuseASecondFunctionOfAName() throws IOException {
        writeJar("OtherArithmetic", "arithmetic", "");

        assertThatThrownBy(() -> RewardFunctions.installedAndIn(jars))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("'arithmetic'")
                .hasMessageContaining("OtherArithmetic.jar");
    }

    @Test
    void shouldNameAClassThatCannotBeMade() throws IOException {
        writeJar("Hidden", "hidden", "private Hidden(int secret) {}");

        assertThatThrownBy(() -> RewardFunctions.installedAndIn(jars))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("Hidden");
    }

    @Test
    void shouldRefuseAMissingFolder() {
        assertThatThrownBy(() -> RewardFunctions.installedAndIn(folder.resolve("nowhere")))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("scorer.reward-jars")
                .hasMessageContaining("nowhere");
    }

    @Test
    void shouldKnowNothingByAnotherName() {
        assertThat(RewardFunctions.of(List.of()).named("arithmetic")).isEmpty();
    }
}
