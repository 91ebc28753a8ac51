package dev.respec.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.BadInputException;
import dev.respec.stage.ExitCode;
import dev.respec.stage.UnreachableException;
import dev.respec.topics.ClusterUnreachableException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    @ParameterizedTest
    @CsvSource({
        "locla, unknown command 'locla'; did you mean 'local'?",
        "local --stpes 3, unknown option '--stpes'; did you mean '--steps'?",
        "local --stpes=3, unknown option '--stpes'; did you mean '--steps'?",
        "offline trian, unknown command 'trian'; did you mean 'train'?",
        "worker --sead 3, unknown option '--sead'; did you mean '--seed'?",
        "scorer --seed 3, unknown option '--seed'; did you mean '--set'?",
        "status now, unexpected argument 'now'"
    })
    void shouldSuggestWhatWasProbablyMeant(String line, String message) {
        int exit = command.execute(line.split(" "));

        assertThat(exit).isEqualTo(ExitCode.USAGE.code());
        assertThat(err.toString().lines()).singleElement().asString().startsWith("respec: " + message + " (see '");
    }

    @Test
    void shouldBreakTheLinesOfEveryHelpBetweenWords() {
        List<CommandLine> commands = new ArrayList<>(List.of(command));
        for (int i = 0; i < commands.size(); i++) {
            CommandLine each = commands.get(i);
            commands.addAll(each.getSubcommands().values());
            String help = each.getUsageMessage();
            assertThat(help.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
            List<String> shown = List.of(help.split("\\s+"));
            for (CommandLine.Model.OptionSpec option : each.getCommandSpec().options()) {
                for (String description : option.description()) {
                    String text = description.replace("${DEFAULT-VALUE}", option.defaultValueString());
                    assertThat(shown).as(option.longestName()).contains(text.split("\\s+"));
                }
            }
        }
    }

    @Test
    void shouldGiveEachCauseItsExitCode() {
        assertThat(Errors.codeOf(new ClusterUnreachableException("x", null))).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(Errors.codeOf(new UnreachableException("x"))).isEqualTo(ExitCode.UNREACHABLE);
        assertThat(Errors.codeOf(new BadInputException("x"))).isEqualTo(ExitCode.BAD_INPUT);
        assertThat(Errors.codeOf(new IllegalStateException("x"))).isEqualTo(ExitCode.FAILED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "export | 2 | export: name a target with --tensorboard DIR, --mlflow URL, --otlp URL or --cards DIR",
                "export --tensorboard /dev/null/tb --data-dir /nowhere | 4 | export: no run in /nowhere",
                "export --mlflow localhost:5000 | 2 | metrics.mlflow",
                "local --set metrics.otlp=http://127.0.0.1:1 | 3 | metrics.otlp (--otlp) leads to http://127.0.0.1:1/v1/metrics, but nothing answers there",
                "local --set metrics.mlflow=http://127.0.0.1:1 | 3 | metrics.mlflow (--mlflow) is http://127.0.0.1:1, but nothing answers at http://127.0.0.1:1",
                "local --set metrics.tensorboard=/dev/null/tb | 2 | metrics.tensorboard (--tensorboard) is /dev/null/tb, which cannot be written",
                "local --set tracing.otlp=http://127.0.0.1:1 | 3 | tracing.otlp leads to http://127.0.0.1:1/v1/traces, but nothing answers there"
            })
    void shouldNameATargetThatCannotBeUsedBeforeAnythingStarts(String line, int exit, String message) {
        assertThat(command.execute(line.split(" "))).isEqualTo(exit);
        assertThat(err.toString().lines()).singleElement().asString().contains(message);
    }
}
