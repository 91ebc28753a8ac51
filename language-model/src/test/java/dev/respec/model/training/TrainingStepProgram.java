package dev.respec.model.training;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import dev.respec.model.training.TrainingMemory.Activations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Times one training step of a checkpoint and reports the most memory its process had: the counterpart of
 * ops/bench/peers/transformers_train.py. Arguments: checkpoint, sequences, tokens of each, rows of a micro-batch, rank of an
 * adapter (0 for none), threads, steps.
 */
final class TrainingStepProgram {
    private TrainingStepProgram() {}

    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[0]);
        int sequences = Integer.parseInt(arguments[1]);
        int length = Integer.parseInt(arguments[2]);
        int rows = Integer.parseInt(arguments[3]);
        int rank = Integer.parseInt(arguments[4]);
        int threads = Integer.parseInt(arguments[5]);
        int steps = Integer.parseInt(arguments[6]);
        long start = System.nanoTime();
        System.out.println(expected(folder, rows * length, rank, threads));
        try (TrainableModel model = load(folder, rank, threads)) {
            report("load", start);
            for (int step = 0; step < steps; step++) {
                step(model, sequences, length, rows);
            }
        }
    }

    private static TrainingMemory expected(Path folder, int tokens, int rank, int threads) {
        Checkpoint checkpoint = Checkpoint.read(folder);
        return rank == 0
                ? TrainingMemory.ofWeights(checkpoint.config(), tokens, Activations.KEPT, threads)
                : TrainingMemory.ofAdapter(
                        checkpoint.config(), checkpoint.storedType(), rank, tokens, Activations.KEPT);
    }

    private static TrainableModel load(Path folder, int rank, int threads) {
        Checkpoint checkpoint = Checkpoint.read(folder);
        if (rank == 0) {
            return TrainableModel.load(checkpoint, threads);
        }
        LoraConfig config = new LoraConfig(rank, 2 * rank, LoraConfig.Scaling.RANK);
        return TrainableModel.loadAdapted(checkpoint, LoraAdapter.fresh(checkpoint, config, List.of(), 1), 0, threads);
    }

    private static void step(TrainableModel model, int sequences, int length, int rows) throws IOException {
        Random random = new Random(1);
        long start = System.nanoTime();
        for (int row = 0; row < sequences; row += rows) {
            List<int[]> prompts = new ArrayList<>();
            List<int[]> responses = new ArrayList<>();
            for (int i = 0; i < rows; i++) {
                int[] ids = random.ints(length, 0, 150_000).toArray();
                prompts.add(Arrays.copyOf(ids, 1));
                responses.add(Arrays.copyOfRange(ids, 1, length));
            }
            model.forwardBackward(new TokenBatch(prompts, responses), (first, logProbabilities, out) -> {
                for (float[] each : out) {
                    Arrays.fill(each, -1f / (sequences * (length - 1)));
                }
            });
        }
        report("forward and backward", start);
        start = System.nanoTime();
        double norm = model.step(new AdamWSettings(1e-5, 0.9, 0.95, 1e-8, 0, 1));
        report("optimiser, gradient norm " + norm, start);
    }

    private static void report(String what, long start) throws IOException {
        double seconds = (System.nanoTime() - start) / 1e9;
        String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM") || line.startsWith("VmRSS"))
                .toList()
                .toString();
        System.out.printf("%s: %.1f s, %s%n", what, seconds, peak);
    }
}
