package dev.respec.ops;

import dev.respec.ops.cluster.ParentWatch;
import dev.respec.ops.cluster.Stages;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The {@code respec} command. */
@Command(
        name = "respec",
        description = "Reinforcement-learning post-training with adaptive, lossless speculative decoding.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Respec.Version.class,
        subcommands = {
            LocalCommand.class,
            StatusCommand.class,
            UiCommand.class,
            ReportCommand.class,
            ReplayCommand.class,
            QueryCommand.class,
            ExportCommand.class,
            OfflineCommand.class,
            EvalCommand.class,
            BenchCommand.class,
            PaperCommand.class,
            TopicsCommand.class,
            ConfigCommand.class,
            PretrainCommand.class,
            GrowCommand.class,
            ScoreCommand.class,
            GenerateCommand.class,
            MergeCommand.class,
            BrokerCommand.class,
            MeasureCommand.class,
            PrepareCommand.class
        })
public final class Respec implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    public static void main(String[] arguments) {
        ParentWatch.startIfSupervised();
        Logs.configure(System.getenv("RESPEC_LOG_LEVEL"), arguments);
        System.exit(commandLine().execute(arguments));
    }

    /** Runs one command line in this process; its exit code. */
    public static int execute(String... arguments) {
        return commandLine().execute(arguments);
    }

    /** The command with all its subcommands. */
    static CommandLine commandLine() {
        CommandLine command = new CommandLine(new Respec());
        for (Stages stage : Stages.all()) {
            CommandLine subcommand = new CommandLine(new StageCommand(stage));
            subcommand.getCommandSpec().usageMessage().description(stage.description());
            command.addSubcommand(stage.subcommand(), subcommand);
        }
        command.setCaseInsensitiveEnumValuesAllowed(true);
        WholeWordHelp.use(command);
        Errors errors = new Errors();
        command.setExecutionExceptionHandler(errors);
        command.setParameterExceptionHandler(errors);
        command.setExitCodeExceptionMapper(error -> Errors.codeOf(error).code());
        return command;
    }

    @Override
    public void run() {
        spec.commandLine().usage(System.out);
    }

    /** From the jar's manifest; "development" if there is none. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Respec.class.getPackage().getImplementationVersion();
            return new String[] {"respec " + (version == null ? "(development)" : version)};
        }
    }
}
