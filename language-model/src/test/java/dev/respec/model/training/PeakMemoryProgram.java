package dev.respec.model.training;

import dev.respec.model.checkpoint.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Prints how many bytes a process holds at most beyond what it holds after loading while it trains on one micro-batch.
 * Arguments: checkpoint, rows, tokens of each, whether activations are recomputed.
 */
final class PeakMemoryProgram {
    private PeakMemoryProgram() {}

    public static void main(String[] arguments) throws IOException {
        int rows = Integer.parseInt(arguments[1]);
        int length = Integer.parseInt(arguments[2]);
        Random random = new Random(1);
        try (TrainableModel model = TrainableModel.load(Checkpoint.read(Path.of(arguments[0])), 1)) {
            if (Boolean.parseBoolean(arguments[3])) {
                model.recomputeActivations();
            }
            train(model, random, 1, 8); // libraries and kernels are there after this
            long loaded = kibibytes("VmRSS:");
            train(model, random, rows, length);
            System.out.println((kibibytes("VmHWM:") - loaded) * 1024);
        }
    }

    private static void train(TrainableModel model, Random random, int rows, int length) {
        int vocabulary = model.config().vocabularySize();
        var prompts = IntStream.range(0, rows).mapToObj(row -> new int[] {1}).toList();
        var responses = prompts.stream()
                .map(prompt -> random.ints(length - 1, 0, vocabulary).toArray())
                .toList();
        model.forwardBackward(new TokenBatch(prompts, responses), (first, logProbabilities, out) -> {
            for (float[] each : out) {
                Arrays.fill(each, -1f);
            }
        });
    }

    private static long kibibytes(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
