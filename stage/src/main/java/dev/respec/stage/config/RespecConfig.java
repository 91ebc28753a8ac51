package dev.respec.stage.config;

import dev.respec.topics.ClusterConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration. Keys are the component names in kebab-case; meanings and defaults stand in {@code
 * default.yaml} beside this class, which is the only place that has them.
 */
public record RespecConfig(
        RunSection run,
        KafkaSection kafka,
        RegistrySection registry,
        ArtefactsSection artefacts,
        ModelSection model,
        DataSection data,
        SamplingSection sampling,
        WorkerSection worker,
        ScorerSection scorer,
        RewardSection reward,
        ControllerSection controller,
        LearnerSection learner,
        TrainerSection trainer,
        EvaluationSection evaluation,
        LocalSection local,
        HttpSection http,
        MetricsSection metrics,
        TracingSection tracing) {

    /**
     * Layers, each over the one before: the defaults, the file, the environment ({@code RESPEC_WORKER_SLOTS} is {@code
     * worker.slots}), the settings ({@code worker.slots=8}).
     *
     * @param file YAML; null for none
     * @throws ConfigException naming key, place and what was expected
     */
    public static RespecConfig load(@Nullable Path file, Map<String, String> environment, List<String> sets) {
        var layers = ConfigLayers.defaults();
        if (file != null) {
            layers.addFile(file);
        }
        layers.addEnvironment(environment);
        layers.addSettings(sets);
        return layers.bind();
    }

    public static RespecConfig defaults() {
        return ConfigLayers.defaults().bind();
    }

    /** This configuration with settings of the form {@code key=value} over it. */
    public RespecConfig withOverrides(List<String> sets) {
        var layers = ConfigLayers.defaults();
        layers.addText(toYamlWithSecrets(), "the configuration");
        layers.addSettings(sets);
        return layers.bind();
    }

    public ClusterConfig cluster() {
        return new ClusterConfig(
                kafka.bootstrapServers(), kafka.topicPrefix(), kafka.clientProperties(), registry.access());
    }

    /** Folder of weights and checkpoints, absolute; only where {@link ArtefactsSection#isS3} is not. */
    public Path artefactRoot() {
        var root = artefacts.root().isEmpty() ? run.dataDir().resolve("artefacts") : Path.of(artefacts.root());
        return root.toAbsolutePath().normalize();
    }

    /** Where rollouts are generated. */
    public DeviceSetting workerDevice() {
        return device("worker", worker.device());
    }

    /** Where the drafter learns. */
    public DeviceSetting learnerDevice() {
        return device("learner", learner.device());
    }

    /** Where the policy is trained. */
    public DeviceSetting trainerDevice() {
        return device("trainer", trainer.device());
    }

    private DeviceSetting device(String section, String own) {
        return own.isEmpty()
                ? new DeviceSetting("model.device", model.device())
                : new DeviceSetting(section + ".device", own);
    }

    /** Every key with its value, secrets as {@code '***'}. */
    public String toYaml() {
        return ConfigYaml.write(this, ConfigYaml.Secrets.MASKED);
    }

    /** What {@link #load} reads back as the same configuration. */
    public String toYamlWithSecrets() {
        return ConfigYaml.write(this, ConfigYaml.Secrets.SHOWN);
    }
}
