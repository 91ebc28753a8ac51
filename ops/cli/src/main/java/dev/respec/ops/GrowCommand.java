package dev.respec.ops;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.grow.Growth;
import dev.respec.model.grow.GrowthCheck;
import dev.respec.model.grow.GrowthException;
import dev.respec.model.grow.GrowthShape;
import dev.respec.model.grow.WiderVocabulary;
import dev.respec.ops.cluster.Installation;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Enlarges a checkpoint and its drafter without changing what they compute. */
@Command(
        name = "grow",
        mixinStandardHelpOptions = true,
        description = "Enlarges a policy and its drafter without changing what they compute, so that the acceptance of"
                + " a trained pair can be measured at the cost of a large model.")
final class GrowCommand implements Callable<Integer> {
    @Mixin
    private final CheckpointOptions options = new CheckpointOptions();

    private static final Pattern COUNT = Pattern.compile("(\\d+(?:\\.\\d+)?)([kKmMbB]?)");
    private static final Map<String, Double> UNITS = Map.of("", 1.0, "K", 1e3, "M", 1e6, "B", 1e9);

    /** Float32 rounding over many layers stays far below; a defect would be far above. */
    private static final double TOLERANCE = 1e-3;

    @Option(
            names = "--drafter",
            paramLabel = "DIR",
            description = "EAGLE-3 drafter to enlarge with it, or none (default: builtin:drafter for builtin:policy).")
    private @Nullable String drafter;

    @ArgGroup
    private final Size size = new Size();

    @Option(
            names = "--vocabulary",
            paramLabel = "N",
            description = "Tokens of the vocabulary, those of the policy and others that are never drawn: the cost of a"
                    + " real vocabulary (default: the policy's). Not counted in --parameters.")
    private @Nullable Integer vocabulary;

    /** A number of parameters, or sizes one by one. */
    static final class Size {
        @Option(
                names = "--parameters",
                paramLabel = "N",
                description =
                        "Approximate number of parameters, in the proportions of small public models (default: 80M).")
        private @Nullable String parameters;

        @ArgGroup(exclusive = false)
        private @Nullable Sizes sizes;
    }

    /** What is left out stays. */
    static final class Sizes {
        @Option(names = "--hidden", paramLabel = "N", description = "Width of the residual stream.")
        private @Nullable Integer hidden;

        @Option(names = "--layers", paramLabel = "N", description = "Decoder layers.")
        private @Nullable Integer layers;

        @Option(names = "--heads", paramLabel = "N", description = "Query heads; their dimension stays.")
        private @Nullable Integer heads;

        @Option(names = "--kv-heads", paramLabel = "N", description = "Key and value heads.")
        private @Nullable Integer keyValueHeads;

        @Option(names = "--ffn", paramLabel = "N", description = "Width of the feed-forward.")
        private @Nullable Integer intermediate;
    }

    @Override
    public Integer call() {
        GrowthCheck.Pair before = read();
        ModelConfig config = before.policy().config();
        GrowthCheck.Pair after;
        try {
            after = grown(before, shape(config));
        } catch (GrowthException e) {
            throw new BadInputException(options.model + ": cannot be enlarged: " + e.getMessage(), e);
        }
        show("from", before);
        show("to", after);
        GrowthCheck check = GrowthCheck.between(before, after);
        show(check, "float32");
        if (check.largestDifference() > TOLERANCE) {
            throw new IllegalStateException("the enlarged model differs: " + check);
        }
        write(after);
        if (options.type != ElementType.FLOAT32) {
            show(GrowthCheck.between(before, readBack(after)), "as stored");
        }
        System.out.println("Written to " + options.output);
        return 0;
    }

    private GrowthCheck.Pair read() {
        Installation installation = Installation.current();
        String chosen = drafter;
        if (chosen == null) {
            chosen = options.model.equals("builtin:policy") ? "builtin:drafter" : "none";
        }
        Path drafterFolder = chosen.equals("none") ? null : Path.of(installation.resolve("--drafter", chosen));
        Path policyFolder = options.folder();
        return new GrowthCheck.Pair(
                Checkpoint.read(policyFolder), drafterFolder == null ? null : Eagle3Checkpoint.read(drafterFolder));
    }

    private GrowthShape shape(ModelConfig config) {
        Sizes sizes = size.sizes;
        if (sizes == null) {
            return GrowthShape.ofParameters(config, count(size.parameters == null ? "80M" : size.parameters));
        }
        GrowthShape now = GrowthShape.of(config);
        return new GrowthShape(
                or(sizes.hidden, now.hidden()),
                or(sizes.layers, now.layers()),
                or(sizes.heads, now.heads()),
                or(sizes.keyValueHeads, now.keyValueHeads()),
                or(sizes.intermediate, now.intermediate()));
    }

    private static int or(@Nullable Integer asked, int present) {
        return asked == null ? present : asked;
    }

    private static long count(String text) {
        Matcher matcher = COUNT.matcher(text);
        if (!matcher.matches()) {
            throw new ConfigException("--parameters: expected a number such as 80M or 1.5B, found " + text);
        }
        double unit = UNITS.getOrDefault(matcher.group(2).toUpperCase(Locale.ROOT), 1.0);
        return Math.round(Double.parseDouble(matcher.group(1)) * unit);
    }

    private GrowthCheck.Pair grown(GrowthCheck.Pair pair, GrowthShape shape) {
        ModelConfig before = pair.policy().config();
        Checkpoint policy = Growth.to(pair.policy(), shape);
        Eagle3Checkpoint drafter = pair.drafter();
        Eagle3Checkpoint itsDrafter = drafter == null ? null : Growth.drafterTo(drafter, before, shape);
        if (vocabulary == null) {
            return new GrowthCheck.Pair(policy, itsDrafter);
        }
        return new GrowthCheck.Pair(
                WiderVocabulary.of(policy, before, vocabulary),
                itsDrafter == null ? null : WiderVocabulary.of(itsDrafter, vocabulary));
    }

    private Path policyFolder() {
        return options.output.resolve("policy");
    }

    private Path drafterFolder() {
        return options.output.resolve("drafter");
    }

    private void write(GrowthCheck.Pair pair) {
        pair.policy().write(policyFolder(), options.type);
        if (pair.drafter() != null) {
            pair.drafter().write(drafterFolder(), options.type);
        }
    }

    private GrowthCheck.Pair readBack(GrowthCheck.Pair written) {
        return new GrowthCheck.Pair(
                Checkpoint.read(policyFolder()),
                written.drafter() == null ? null : Eagle3Checkpoint.read(drafterFolder()));
    }

    private static void show(String which, GrowthCheck.Pair pair) {
        ModelConfig config = pair.policy().config();
        System.out.printf(
                Locale.ROOT,
                "%-4s  policy   %,12d parameters: hidden %d, %d layers, %d heads of %d over %d key heads, ffn %d,"
                        + " vocabulary %,d%n",
                which,
                config.parameters(),
                config.hiddenSize(),
                config.layers(),
                config.heads(),
                config.headDimension(),
                config.keyValueHeads(),
                config.intermediateSize(),
                config.vocabularySize());
        Eagle3Checkpoint drafter = pair.drafter();
        if (drafter != null) {
            var small = drafter.config();
            System.out.printf(
                    Locale.ROOT,
                    "      drafter  %,12d parameters: hidden %d, %d heads of %d over %d key heads, ffn %d,"
                            + " features of hidden states %s%n",
                    drafter.parameters(),
                    small.hiddenSize(),
                    small.heads(),
                    small.headDimension(),
                    small.keyValueHeads(),
                    small.intermediateSize(),
                    Arrays.toString(small.featureLayers(config)));
        }
    }

    private static void show(GrowthCheck check, String what) {
        System.out.printf(
                Locale.ROOT,
                "%s: %d of %d greedy tokens the same, %d of %d drafted tokens, log-probabilities within %.2g%n",
                what,
                check.sameTokens(),
                check.tokens(),
                check.sameDrafts(),
                check.drafts(),
                check.largestDifference());
    }
}
