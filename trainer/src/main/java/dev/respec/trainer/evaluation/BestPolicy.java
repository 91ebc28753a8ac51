package dev.respec.trainer.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.trainer.checkpoint.CheckpointFolder;
import dev.respec.trainer.checkpoint.DurableFolder;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import dev.respec.trainer.evaluation.EvaluationHistory.Best;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The policy of the best evaluation, kept as a Hugging Face directory; {@code evaluation.json} in it names step, version
 * and score. It is copied from the step's checkpoint, which is there until the next step is made durable.
 */
public final class BestPolicy {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    private static final String ABOUT = "evaluation.json";
    private static final String STEP = "step";

    private final Path folder;
    private final Path initialPolicy;
    private final CheckpointFolder checkpoints;

    /** @param initialPolicy folder of the policy that the run began with: what an adapter changes */
    public BestPolicy(Path folder, Path initialPolicy, CheckpointFolder checkpoints) {
        this.folder = folder;
        this.initialPolicy = initialPolicy;
        this.checkpoints = checkpoints;
    }

    /** Keeps the policy of this evaluation, unless it is kept already or its checkpoint is gone. */
    public void keep(Best best, DecidingScore score) {
        var latest = checkpoints.latest();
        if (latest.isEmpty() || latest.get().state().step() != best.step() || keptStep() == best.step()) {
            return;
        }
        DurableFolder.replace(folder, target -> write(target, latest.get(), best, score));
    }

    private void write(Path target, TrainerCheckpoint checkpoint, Best best, DecidingScore score) {
        var base = Checkpoint.read(initialPolicy);
        LoraAdapter.policyIn(checkpoint.policyFolder(), base)
                .withSource(initialPolicy)
                .write(target, base.storedType());
        Map<String, Object> about = new TreeMap<>(Map.of(
                STEP, best.step(), "policy_version", best.policyVersion(), "score", best.score(), "by", score.text()));
        try {
            JSON.writeValue(target.resolve(ABOUT).toFile(), about);
        } catch (IOException e) {
            throw new CheckpointException(target + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** Step of the policy that is kept; -1 if none is. */
    private long keptStep() {
        var about = folder.resolve(ABOUT);
        if (!Files.exists(about)) {
            return -1;
        }
        try {
            return JSON.readTree(about.toFile()).path(STEP).asLong(-1);
        } catch (IOException e) {
            throw new CheckpointException(about + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
