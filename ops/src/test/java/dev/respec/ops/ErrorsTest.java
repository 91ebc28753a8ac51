package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.BadInputException;
import dev.respec.stage.ExitCode;
import dev.respec.topics.ClusterUnreachableException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ErrorsTest {
    private final StringWriter err = new StringWriter();
    private final CommandLine command = Respec.commandLine().setErr(new PrintWriter(err));

    @Test
    void shouldNameAnUnknownKeyAndWhatWasExpected() {
        int exit = command.execute("config", "--set", "worker.slotz=8");

        assertThat(exit).isEqualTo(ExitCode.USAGE.code());
        assertThat(err.toString().lines()).singleElement().asString().contains("worker.slotz", "slots");
    }

    @Test
    void shouldNameAConfigurationFileThatIsNotThere() {
        int exit = command.execute("config", "--config", "nowhere.yaml");

        assertThat(exit).isEqualTo(ExitCode.USAGE.code());
        assertThat(err.toString().lines()).singleElement().asString().contains("nowhere.yaml");
    }

    @Test
    void shouldPointToTheHelpOfTheCommandThatWasMisused() {
        int exit = command.execute("local", "--steps", "many");

        assertThat(exit).isEqualTo(ExitCode.USAGE.code());
        assertThat(err.toString().lines()).singleElement().asString().contains("--steps", "respec local --help");
    }

    @Test
    void shouldGiveEachCauseItsExitCode() {
        assertThat(Errors.codeOf(new ClusterUnreachableException("x", null))).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(Errors.codeOf(new BadInputException("x"))).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(Errors.codeOf(new IllegalStateException("x"))).isEqualTo(ExitCode.FAILED);
    }
}
