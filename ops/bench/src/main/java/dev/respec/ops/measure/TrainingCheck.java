package dev.respec.ops.measure;

import static java.util.Objects.requireNonNull;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.Torch;
import dev.respec.model.training.AdamWSettings;
import dev.respec.model.training.BatchOutcome;
import dev.respec.model.training.TokenBatch;
import dev.respec.model.training.TrainableModel;
import dev.respec.ops.measure.DeviceCheck.Finding;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One training step on a device beside the same one on the processor. */
final class TrainingCheck {
    private static final int ROWS = 4;
    private static final int PROMPT_TOKENS = 8;
    private static final int RESPONSE_TOKENS = 24;
    private static final long SEED = 7;
    private static final double TOLERANCE = 1e-4;

    private final RespecConfig config;
    private final Checkpoint policy;

    TrainingCheck(RespecConfig config, Checkpoint policy) {
        this.config = config;
        this.policy = policy;
    }

    private record Step(double loss, double norm, Map<String, HostTensor> gradients, Map<String, HostTensor> weights) {}

    List<Finding> run() {
        ComputeDevice device = config.trainerDevice().resolve(ComputeDevice::of);
        Step host = step(ComputeDevice.CPU);
        Step there = step(device);
        return List.of(
                new Finding("training loss, cpu and device, relative", relative(host.loss(), there.loss()), TOLERANCE),
                new Finding("gradient norm, cpu and device, relative", relative(host.norm(), there.norm()), TOLERANCE),
                new Finding(
                        "gradients, cpu and device, largest relative distance of a tensor",
                        distance(host.gradients(), there.gradients()),
                        TOLERANCE),
                new Finding(
                        "weights after the step, largest relative distance of a tensor",
                        distance(host.weights(), there.weights()),
                        TOLERANCE));
    }

    private Step step(ComputeDevice device) {
        Torch.useDevice(device);
        try (TrainableModel model = TrainableModel.load(policy, 1)) {
            // a policy gradient with advantages of 1: the loss is the mean negative log-probability
            double scale = 1.0 / (ROWS * RESPONSE_TOKENS);
            BatchOutcome outcome = model.forwardBackward(batch(), (firstRow, logProbabilities, out) -> {
                for (float[] row : out) {
                    Arrays.fill(row, (float) -scale);
                }
            });
            double loss = 0;
            for (float[] row : outcome.logProbabilities()) {
                for (float logProbability : row) {
                    loss -= logProbability * scale;
                }
            }
            Map<String, HostTensor> gradients = model.gradients();
            // so small a rate that the step's size, not its sign, is what is compared
            double norm = model.step(new AdamWSettings(1e-6, 0.9, 0.95, 1e-8, 0.01, 1.0));
            return new Step(loss, norm, gradients, model.checkpoint().tensors());
        } finally {
            Torch.useDevice(ComputeDevice.CPU);
        }
    }

    private TokenBatch batch() {
        Random random = new Random(SEED);
        List<int[]> prompts = new ArrayList<>();
        List<int[]> responses = new ArrayList<>();
        int vocabulary = policy.config().vocabularySize();
        for (int row = 0; row < ROWS; row++) {
            prompts.add(random.ints(PROMPT_TOKENS, 0, vocabulary).toArray());
            responses.add(random.ints(RESPONSE_TOKENS, 0, vocabulary).toArray());
        }
        return new TokenBatch(prompts, responses);
    }

    private static double relative(double expected, double found) {
        return Math.abs(expected - found) / Math.max(1e-12, Math.abs(expected));
    }

    private static double distance(Map<String, HostTensor> expected, Map<String, HostTensor> found) {
        double most = 0;
        for (Map.Entry<String, HostTensor> entry : expected.entrySet()) {
            float[] one = entry.getValue().toFloats();
            float[] other = requireNonNull(found.get(entry.getKey())).toFloats();
            double apart = 0;
            double length = 0;
            for (int i = 0; i < one.length; i++) {
                apart += Math.pow(one[i] - other[i], 2);
                length += Math.pow(one[i], 2);
            }
            most = Math.max(most, Math.sqrt(apart) / Math.max(1e-12, Math.sqrt(length)));
        }
        return most;
    }
}
