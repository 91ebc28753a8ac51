package dev.respec.ops.measure;

import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.CompletedSequence;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether a device computes what the processor computes: the same tokens and log-probabilities, the same tokens with
 * speculation, the same gradients.
 */
public final class DeviceCheck {
    private static final int PROMPTS = 8;
    private static final int TOKENS = 48;
    private static final double TOLERANCE = 1e-4;
    private static final Setting CHAIN = Setting.chain("eagle3", 4);

    private final RespecConfig config;
    private final Path policy;
    private final @Nullable Path drafter;

    /**
     * @param config its {@code model.device} is what is checked
     * @param drafter of the policy; null leaves speculation out
     */
    public DeviceCheck(RespecConfig config, Path policy, @Nullable Path drafter) {
        this.config = config;
        this.policy = policy;
        this.drafter = drafter;
    }

    /** One thing compared: how far apart it was at most, and how far it may be. */
    public record Finding(String what, double difference, double tolerance) {
        public boolean holds() {
            return difference <= tolerance;
        }
    }

    /** Compares everything. */
    public List<Finding> run() {
        List<Finding> findings = new ArrayList<>();
        String device = config.model().device();
        List<CompletedSequence> host = generate("cpu", Setting.OFF, SamplingOptions.greedy(), "float32");
        List<CompletedSequence> plain = generate(device, Setting.OFF, SamplingOptions.greedy(), "float32");
        findings.add(tokens("greedy tokens, cpu and device", host, plain));
        findings.add(new Finding("greedy log-probabilities, cpu and device", logProbabilities(host, plain), TOLERANCE));
        SamplingOptions warm = SamplingOptions.atTemperature(1);
        List<CompletedSequence> sampled = generate(device, Setting.OFF, warm, "float32");
        findings.add(tokens("sampled tokens, cpu and device", generate("cpu", Setting.OFF, warm, "float32"), sampled));
        if (drafter != null) {
            findings.add(tokens(
                    "greedy tokens on the device, plain and eagle3",
                    plain,
                    generate(device, CHAIN, SamplingOptions.greedy(), "float32")));
            findings.add(tokens(
                    "sampled tokens on the device, plain and eagle3",
                    sampled,
                    generate(device, CHAIN, warm, "float32")));
        }
        findings.addAll(new TrainingCheck(config, Checkpoint.read(policy)).run());
        return findings;
    }

    private List<CompletedSequence> generate(String device, Setting setting, SamplingOptions sampling, String type) {
        RespecConfig own = config.withOverrides(List.of(
                "model.device=" + device,
                "model.compute-type=" + type,
                "worker.device=",
                "worker.draft-limit=none",
                "worker.slots=" + PROMPTS));
        try (WorkerModels models = WorkerModels.load(own, policy, setting.isOff() ? null : drafter)) {
            GenerationEngine engine = models.engine();
            engine.use(SettingTable.always(setting));
            List<int[]> prompts = HeldOut.of(own, policy).prompts(models, PROMPTS);
            for (int i = 0; i < prompts.size(); i++) {
                String id = Integer.toString(i);
                engine.submit(new SequenceRequest(
                        id, id, prompts.get(i), sampling, TOKENS, new SplittableRandomStream(i, 0)));
            }
            var completed = new TreeMap<String, CompletedSequence>();
            while (!engine.idle()) {
                engine.step()
                        .forEach(sequence -> completed.put(sequence.request().id(), sequence));
            }
            return List.copyOf(completed.values());
        }
    }

    /** The share of sequences whose tokens differ. */
    private static Finding tokens(String what, List<CompletedSequence> one, List<CompletedSequence> other) {
        int differing = Math.abs(one.size() - other.size());
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            differing += Arrays.equals(one.get(i).response(), other.get(i).response()) ? 0 : 1;
        }
        return new Finding(what + ", sequences that differ", differing, 0);
    }

    private static double logProbabilities(List<CompletedSequence> one, List<CompletedSequence> other) {
        double most = 0;
        for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
            float[] first = one.get(i).logProbabilities();
            float[] second = other.get(i).logProbabilities();
            for (int token = 0; token < Math.min(first.length, second.length); token++) {
                most = Math.max(most, Math.abs(first[token] - second[token]));
            }
        }
        return most;
    }
}
