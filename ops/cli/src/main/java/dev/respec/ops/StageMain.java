package dev.respec.ops;

import dev.respec.ops.cluster.ParentWatch;
import dev.respec.ops.cluster.Stages;
import java.util.Arrays;
import picocli.CommandLine;

/**
 * Main class of a stage's image: runs the stage that the first argument names. Unlike {@link Respec} it loads no class of
 * another stage, and none of the engine for the stages that do without it.
 */
public final class StageMain {
    private StageMain() {}

    public static void main(String[] arguments) {
        ParentWatch.startIfSupervised();
        Logs.configure(System.getenv("RESPEC_LOG_LEVEL"), arguments);
        var name = arguments.length == 0 ? "" : arguments[0];
        var stage = Stages.all().stream()
                .filter(entry -> entry.subcommand().equals(name))
                .findFirst();
        if (stage.isEmpty()) {
            System.err.println("respec: '" + name + "' is not a stage: expected one of "
                    + Stages.all().stream().map(Stages::subcommand).toList());
            System.exit(2);
            return;
        }
        System.exit(command(stage.get()).execute(Arrays.copyOfRange(arguments, 1, arguments.length)));
    }

    private static CommandLine command(Stages stage) {
        var command = new CommandLine(new StageCommand(stage));
        command.setCommandName(stage.subcommand());
        WholeWordHelp.use(command);
        var errors = new Errors();
        command.setExecutionExceptionHandler(errors);
        command.setParameterExceptionHandler(errors);
        return command;
    }
}
