package dev.respec.ops;

import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.ops.cluster.ProcessFailedException;
import dev.respec.ops.exports.run.TargetUnavailableException;
import dev.respec.schemas.registry.SchemaRegistryException;
import dev.respec.stage.BadInputException;
import dev.respec.stage.ExitCode;
import dev.respec.stage.UnreachableException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.Suggestion;
import dev.respec.topics.ClusterUnreachableException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what goes wrong into one line on standard error and an exit code. */
final class Errors implements IExecutionExceptionHandler, IParameterExceptionHandler {

    @Override
    public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        err.println("respec: " + describe(error));
        if (isDebug(parsed)) {
            error.printStackTrace(err);
        }
        err.flush();
        return codeOf(error).code();
    }

    @Override
    public int handleParseException(ParameterException error, String[] arguments) {
        CommandLine command = error.getCommandLine();
        command.getErr()
                .println("respec: " + describe(error) + " (see '"
                        + command.getCommandSpec().qualifiedName() + " --help')");
        return ExitCode.USAGE.code();
    }

    private static String describe(ParameterException error) {
        if (!(error instanceof UnmatchedArgumentException unmatched)) {
            return String.valueOf(error.getMessage());
        }
        CommandSpec spec = error.getCommandLine().getCommandSpec();
        String argument = unmatched.getUnmatched().get(0);
        String name = argument.contains("=") ? argument.substring(0, argument.indexOf('=')) : argument;
        if (name.startsWith("-")) {
            return "unknown option '%s'".formatted(name) + Suggestion.sentence(name, options(spec));
        }
        List<String> commands = commands(spec);
        return commands.isEmpty()
                ? "unexpected argument '%s'".formatted(argument)
                : "unknown command '%s'".formatted(name) + Suggestion.sentence(name, commands);
    }

    private static List<String> options(CommandSpec spec) {
        return spec.options().stream()
                .filter(option -> !option.hidden())
                .flatMap(option -> Stream.of(option.names()))
                .filter(name -> name.startsWith("--"))
                .toList();
    }

    private static List<String> commands(CommandSpec spec) {
        return spec.subcommands().entrySet().stream()
                .filter(command ->
                        !command.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .toList();
    }

    static ExitCode codeOf(Throwable error) {
        if (error instanceof ConfigException) {
            return ExitCode.USAGE;
        }
        if (error instanceof ClusterUnreachableException
                || error instanceof SchemaRegistryException
                || error instanceof UnreachableException
                || error instanceof TargetUnavailableException) {
            return ExitCode.UNREACHABLE;
        }
        if (error instanceof BadInputException || error instanceof CheckpointException) {
            return ExitCode.BAD_INPUT;
        }
        if (error instanceof ProcessFailedException failed) {
            for (ExitCode code : ExitCode.values()) {
                if (code != ExitCode.OK && code.code() == failed.exitCode()) {
                    return code;
                }
            }
        }
        return ExitCode.FAILED;
    }

    /** Errors made for the user say it themselves; of others the type says more than the message. */
    private static String describe(Exception error) {
        String message = error.getMessage();
        boolean forUsers = codeOf(error) != ExitCode.FAILED || error instanceof ProcessFailedException;
        return message == null || !forUsers
                ? error + " (this is a defect or a broken environment: run again with --debug for the stack trace)"
                : message;
    }

    private static boolean isDebug(ParseResult parsed) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        return last.hasMatchedOption("--debug");
    }
}
