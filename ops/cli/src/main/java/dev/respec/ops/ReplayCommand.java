package dev.respec.ops;

import dev.respec.model.TextTokenizer;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.Replay;
import dev.respec.ops.replay.ReplaySpeed;
import dev.respec.ops.replay.RunExport.Format;
import dev.respec.ops.replay.RunTokenizer;
import dev.respec.ops.replay.TokenText;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads what a run recorded, to files or to other topics. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = "Writes a run's recorded events to JSON Lines or Parquet, or sends them again.")
final class ReplayCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Mixin
    private final ReplayOptions options = new ReplayOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "PATH",
            description = "File for one topic, folder for several; - or nothing: standard output, which takes one topic"
                    + " as JSON Lines.")
    private @Nullable Path output;

    @Option(
            names = "--format",
            paramLabel = "jsonl|parquet",
            description = "Default: as the output's name says, else jsonl.")
    private @Nullable Format format;

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Tokenizer for the text of tokens (default: the run's own).")
    private @Nullable Path tokenizer;

    @Option(names = "--to-topic", paramLabel = "NAME", description = "Sends one topic's events to this topic.")
    private @Nullable String toTopic;

    @Option(
            names = "--to-prefix",
            paramLabel = "PREFIX",
            description = "Sends to the topics of the installation with this prefix (kafka.topic-prefix).")
    private @Nullable String toPrefix;

    @Option(names = "--to-bootstrap-servers", paramLabel = "HOST:PORT", description = "Sends to another cluster.")
    private @Nullable String toServers;

    @Option(
            names = "--to-registry",
            paramLabel = "URL",
            description = "That cluster's schema registry (default: the same one).")
    private @Nullable String toRegistry;

    @Option(
            names = "--speed",
            paramLabel = "1x|10x|max",
            defaultValue = "max",
            converter = ReplayOptions.SpeedConverter.class,
            description = "Speed at which events are sent again (${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private ReplaySpeed speed;

    @Override
    public Integer call() throws InterruptedException {
        Path file = OutputPath.file(output).orElse(null);
        boolean sends = toTopic != null || toPrefix != null || toServers != null;
        if (sends && (output != null || format != null)) {
            throw new ConfigException("replay: --output and --format write files, --to-… sends: choose one of them");
        }
        if (toTopic != null && options.topics().size() != 1) {
            throw new ConfigException("replay: --to-topic takes one topic's events: name it with --topic");
        }
        if (!sends && file == null && options.topics().size() != 1) {
            throw new ConfigException(
                    "replay: several topics need a folder: give --output DIR, or one topic with --topic");
        }
        if (!sends && file == null && format == Format.PARQUET) {
            throw new ConfigException("replay: Parquet needs a file: give --output FILE");
        }
        RespecConfig config = configuration.load();
        RunAccess access = new RunAccess(config, Installation.current());
        if (toServers != null && toRegistry == null && access.localRun().isPresent()) {
            throw new ConfigException("replay: the registry of a data folder ends with this command: name the other"
                    + " cluster's with --to-registry URL");
        }
        try (Closing text = new Closing(sends ? Optional.empty() : RunTokenizer.open(tokenizer, access, config))) {
            return access.read(run -> sends ? send(run) : export(run, text));
        }
    }

    private Replay replay(OpenRun run) {
        return new Replay(
                run, options.topics(), options.range(), options.policyVersions, options.requestIds(), options.steps);
    }

    private Integer export(OpenRun run, Closing text) {
        if (text.tokenizer().isEmpty()) {
            System.err.println("No tokenizer is here: tokens stay without text; name one with --tokenizer DIR.");
        }
        TokenText tokens = new TokenText(text.tokenizer().orElse(null));
        replay(run)
                .export(
                        OutputPath.file(output).orElse(null),
                        chosenFormat(),
                        tokens,
                        TransferProgress.onStandardError());
        return 0;
    }

    private Format chosenFormat() {
        if (format != null) {
            return format;
        }
        return output != null && output.toString().endsWith(Format.PARQUET.ending()) ? Format.PARQUET : Format.JSONL;
    }

    private Integer send(OpenRun run) {
        List<String> changes = new ArrayList<>();
        if (toServers != null) {
            changes.add("kafka.bootstrap-servers=" + toServers);
        }
        if (toRegistry != null) {
            changes.add("registry.urls=[" + toRegistry + "]");
        }
        if (toPrefix != null) {
            changes.add("kafka.topic-prefix=" + toPrefix);
        } else if (toTopic != null) {
            changes.add("kafka.topic-prefix=");
        }
        try {
            replay(run).send(run.config().withOverrides(changes), toTopic, speed, TransferProgress.onStandardError());
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BadInputException("replay: interrupted; what was sent stays", e);
        }
    }

    /** Closes the tokenizer, if there is one. */
    private record Closing(Optional<TextTokenizer> tokenizer) implements AutoCloseable {
        @Override
        public void close() {
            tokenizer.ifPresent(TextTokenizer::close);
        }
    }
}
