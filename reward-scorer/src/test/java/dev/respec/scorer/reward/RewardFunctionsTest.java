package dev.respec.scorer.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.scorer.Jars;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardFunctionsTest {
    @TempDir
    private Path folder;

    private Path jars;

    @BeforeEach
    void makeFolder() throws IOException {
        jars = Files.createDirectory(folder.resolve("jars"));
    }

    /** A class whose reward is the response's length. */
    private void writeJar(String className, String rewardName, String constructor) throws IOException {
        Jars.write(jars, className, rewardName, constructor, "return Reward.of(input.response().length());");
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

    @Test
    void shouldRefuseAFunctionFromAJarThatIsNamedAsOneThatShips() {
        assertThatThrownBy(() -> RewardFunctions.installed().and(List.of(new ExactMatch())))
                .isInstanceOf(RewardFunctionException.class)
                .hasMessageContaining("'exact-match'");
    }
}
