package dev.respec.ops.measure;

import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.Drafter;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.grow.Growth;
import dev.respec.model.grow.GrowthShape;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.List;

/** The models that decoding is measured with. */
public final class DecodeModels {
    /** Settings that suit the grown policy. */
    public static final List<String> GROWN_SETTINGS = List.of(
            "model.compute-type=bfloat16",
            "worker.capacity=400",
            "worker.draft-lengths.suffix=[8]",
            "worker.draft-lengths.eagle3=[2,4,6,8]",
            "worker.draft-trees=[3x3/8]");

    private static final long GROWN_PARAMETERS = 80_000_000;

    private DecodeModels() {}

    /** What is measured. */
    public enum Source {
        /** The configured policy and drafter, enlarged to about 80 million parameters. */
        GROWN,
        /** The configured checkpoints as they are. */
        CHECKPOINT
    }

    /** @param more further drafters */
    public static WorkerModels load(RespecConfig config, Source source, List<? extends Drafter> more) {
        Path policy = Path.of(config.model().policy());
        String drafterFolder = config.model().drafter();
        Checkpoint target = Checkpoint.read(policy);
        Eagle3Checkpoint drafter = drafterFolder.equals("none") ? null : Eagle3Checkpoint.read(Path.of(drafterFolder));
        if (source == Source.GROWN) {
            GrowthShape shape = GrowthShape.ofParameters(target.config(), GROWN_PARAMETERS);
            drafter = drafter == null ? null : Growth.drafterTo(drafter, target.config(), shape);
            target = Growth.to(target, shape);
        }
        return WorkerModels.load(config, target, drafter, TextTokenizer.open(policy), more);
    }
}
