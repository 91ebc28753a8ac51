package dev.respec.ops;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.sun.management.OperatingSystemMXBean;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.Torch;
import dev.respec.model.scoring.SequenceScorer;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.score.TokenFile;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.DeviceSetting;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Per-token log-probabilities, to compare a checkpoint with another implementation. */
@Command(
        name = "score",
        mixinStandardHelpOptions = true,
        description = "Gives the log-probability of every token id of a file.")
final class ScoreCommand implements Callable<Integer> {
    private static final long NOTICE_NANOS = 2_000_000_000L;
    /** Of the machine's memory that a model may take. */
    private static final double MEMORY_SHARE = 0.7;

    private static final JsonMapper JSON = new JsonMapper();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            defaultValue = "builtin:policy",
            description = "Checkpoint (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String model;

    @Option(names = "--tokens", required = true, paramLabel = "FILE", description = "JSON lines: {\"token_ids\":[…]}.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path tokens;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where {\"logprobs\":[…]} goes, one line per line, one number per token from the second on;"
                    + " - or nothing writes to standard output.")
    private @Nullable Path out;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads an operation may use (default: all processors).")
    private @Nullable Integer threads;

    @Option(
            names = "--compute-type",
            paramLabel = "TYPE",
            defaultValue = "auto",
            description = "float32, bfloat16 or auto: float32 unless such a model exceeds this machine's memory"
                    + " (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String computeType;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "auto",
            description = "auto, cpu, cuda or cuda:N, as model.device (default: ${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String device;

    @Option(names = "--debug", description = "Shows the stack trace of an error.")
    private boolean debug;

    @Override
    public Integer call() throws IOException {
        Path folder = Path.of(Installation.current().resolve("--model", model));
        Checkpoint checkpoint = Checkpoint.read(folder);
        List<int[]> sequences = TokenFile.read(tokens, checkpoint.config());
        if (out != null && Files.exists(out) && Files.isSameFile(out, tokens)) {
            throw new BadInputException("--out " + out + ": is the file of tokens itself; name another one");
        }
        Torch.useDevice(new DeviceSetting("--device", device).resolve(ComputeDevice::of));
        int longest = sequences.stream().mapToInt(ids -> ids.length).max().orElse(1);
        int used = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        try (var scorer = SequenceScorer.load(checkpoint, longest, used, computeType(checkpoint));
                Writer writer = writer()) {
            score(scorer, sequences, writer);
        }
        return 0;
    }

    private ComputeType computeType(Checkpoint checkpoint) {
        return switch (computeType) {
            case "float32" -> ComputeType.FLOAT32;
            case "bfloat16" -> ComputeType.BFLOAT16;
            case "auto" -> fitting(checkpoint);
            default ->
                throw new BadInputException("--compute-type: expected float32, bfloat16 or auto, found " + computeType);
        };
    }

    private static ComputeType fitting(Checkpoint checkpoint) {
        if (!Torch.device().isCpu()) {
            return ComputeType.FLOAT32;
        }
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long needed = SequenceScorer.bytes(checkpoint.config(), ComputeType.FLOAT32);
        if (needed < MEMORY_SHARE * system.getTotalMemorySize()) {
            return ComputeType.FLOAT32;
        }
        System.err.printf(
                Locale.ROOT,
                "scoring in bfloat16: in float32 this model takes %.1f GiB, the machine has %.1f GiB%n",
                needed / (double) (1L << 30),
                system.getTotalMemorySize() / (double) (1L << 30));
        return ComputeType.BFLOAT16;
    }

    private void score(SequenceScorer scorer, List<int[]> sequences, Writer writer) throws IOException {
        long noticed = System.nanoTime();
        for (int from = 0; from < sequences.size(); from += scorer.window()) {
            int to = Math.min(sequences.size(), from + scorer.window());
            for (float[] scores : scorer.score(sequences.subList(from, to))) {
                writer.write(JSON.writeValueAsString(Map.of("logprobs", scores)));
                writer.write('\n');
            }
            writer.flush();
            if (System.nanoTime() - noticed > NOTICE_NANOS) {
                System.err.println("scored %d of %d lines".formatted(to, sequences.size()));
                noticed = System.nanoTime();
            }
        }
    }

    private Writer writer() {
        Path file = OutputPath.file(out).orElse(null);
        if (file == null) {
            return new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
        }
        try {
            return Files.newBufferedWriter(file);
        } catch (IOException e) {
            throw new BadInputException("--out %s: cannot be written: %s".formatted(file, e), e);
        }
    }
}
