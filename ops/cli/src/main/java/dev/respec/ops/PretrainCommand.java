package dev.respec.ops;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.learner.pretraining.DraftVocabularies;
import dev.respec.learner.pretraining.DrafterPretraining;
import dev.respec.learner.pretraining.DrafterPretrainingProgress;
import dev.respec.learner.pretraining.DrafterPretrainingSettings;
import dev.respec.learner.pretraining.PolicyResponses;
import dev.respec.model.TextTokenizer;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.Eagle3Config;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.Paths;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.data.LineReading;
import dev.respec.trainer.data.PromptSource;
import dev.respec.trainer.data.Split;
import dev.respec.trainer.pretraining.ArithmeticPolicy;
import dev.respec.trainer.pretraining.PretrainingProgress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the models that a run starts from. */
@Command(
        name = "pretrain",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "(policy | drafter)",
        description = "Makes a policy for the arithmetic task, or a drafter for any policy.")
final class PretrainCommand {
    private static final int LINES = 20;
    private static final int SLOTS = 64;
    private static final int MOST_HELD_OUT = 128;
    private static final int FEWEST_HELD_OUT = 16;
    private static final Duration NOTICE = Duration.ofSeconds(5);
    private static final int VOCABULARY_SAMPLE = 512;

    /** Where a model goes and how long it is trained. */
    static final class Options {
        @Option(
                names = {"-o", "--output"},
                required = true,
                paramLabel = "DIR",
                description = "Folder that the checkpoint is written to.")
        @SuppressWarnings("NullAway.Init") // picocli sets it
        private Path output;

        @Option(
                names = "--threads",
                paramLabel = "N",
                defaultValue = "2",
                description = "Threads an operation may use (default: ${DEFAULT-VALUE}).")
        private int threads;
    }

    /** How a drafter is distilled. */
    static final class DrafterOptions {
        @Option(
                names = "--steps",
                paramLabel = "N",
                defaultValue = "1000",
                description = "Optimiser steps (default: ${DEFAULT-VALUE}).")
        private int steps;

        @Option(
                names = "--vocabulary",
                paramLabel = "N",
                defaultValue = "0",
                description = "Tokens the drafter may propose, the most frequent ones; 0 takes all.")
        private int vocabulary;
    }

    @Command(
            name = "policy",
            mixinStandardHelpOptions = true,
            description = "Trains a small policy on generated worked examples of the arithmetic task.")
    void policy(
            @Mixin SeededOptions configuration,
            @Mixin Options options,
            @Option(
                            names = "--steps",
                            paramLabel = "N",
                            defaultValue = "" + ArithmeticPolicy.STANDARD_STEPS,
                            description = "Optimiser steps (default: ${DEFAULT-VALUE}).")
                    int steps) {
        requirePositive("--steps", steps);
        requirePositive("--threads", options.threads);
        Paths.requireWritableFolder("-o", options.output);
        long seed = configuration.load().run().seed();
        ArithmeticPolicy.pretrain(options.output, steps, seed, options.threads, PretrainCommand::show);
        System.out.println("Policy written to " + options.output);
    }

    @Command(
            name = "drafter",
            mixinStandardHelpOptions = true,
            description = "Distils the policy (model.policy) into an EAGLE-3 drafter, on the policy's own responses.")
    void drafter(@Mixin SeededOptions configuration, @Mixin Options options, @Mixin DrafterOptions training) {
        RespecConfig config = InstalledModels.resolve(configuration.load(List.of("model.drafter=none")));
        Paths.requireWritableFolder("-o", options.output);
        Path folder = Path.of(config.model().policy());
        Checkpoint policy = Checkpoint.read(folder);
        Eagle3Config shape = Eagle3Config.forTarget(policy.config());
        shape.featureLayers(policy.config()); // a target too small for a drafter is told at once
        requirePositive("--steps", training.steps);
        requirePositive("--threads", options.threads);
        requireVocabulary(training.vocabulary, policy.config().vocabularySize());
        int heldOutSize = Math.max(FEWEST_HELD_OUT, Math.min(MOST_HELD_OUT, 2 * training.steps));
        try (TextTokenizer tokenizer = TextTokenizer.open(folder);
                PolicyResponses responses = responses(config, policy, tokenizer, Split.TRAIN, Integer.MAX_VALUE)) {
            List<TokenSequence> heldOut;
            try (PolicyResponses unseen = responses(config, policy, tokenizer, Split.EVALUATION, heldOutSize)) {
                heldOut = take(unseen, heldOutSize);
            }
            int[] ids = draftVocabulary(
                    responses, training.vocabulary, policy.config().vocabularySize());
            Eagle3Checkpoint fresh = DrafterPretraining.freshDrafter(
                    policy, shape, ids, config.run().seed());
            var settings = DrafterPretrainingSettings.forSmallModels(training.steps, options.threads);
            new DrafterPretraining(policy, fresh, responses, heldOut, settings)
                    .run(PretrainCommand::show)
                    .write(options.output);
        }
        System.out.println("Drafter written to " + options.output);
    }

    private static void requireVocabulary(int asked, int all) {
        if (asked < 0 || asked > all) {
            throw new ConfigException(
                    "--vocabulary is %d: expected 0 for all, or at most the policy's %d tokens".formatted(asked, all));
        }
    }

    private static int[] draftVocabulary(PolicyResponses responses, int asked, int all) {
        return asked == 0
                ? IntStream.range(0, all).toArray()
                : DraftVocabularies.mostFrequent(take(responses, VOCABULARY_SAMPLE), asked, all);
    }

    private static PolicyResponses responses(
            RespecConfig config, Checkpoint policy, TextTokenizer tokenizer, Split split, int most) {
        LineReading reading =
                LineReading.strict(config.data(), Path.of(config.model().policy()));
        String location =
                split == Split.TRAIN ? config.data().train() : config.data().evaluation();
        PromptSource source = PromptSource.open(location, split, config.data().seed(), reading);
        Iterator<int[]> prompts = LongStream.iterate(0, position -> position + 1)
                .mapToObj(position -> tokenizer.encodePrompt(source.at(position).text()))
                .iterator();
        PolicyResponses responses = new PolicyResponses(
                policy,
                split == Split.TRAIN ? prompts : limited(prompts, most),
                config.sampling().temperature(),
                config.sampling().maxTokens(),
                Math.min(SLOTS, most),
                config.run().seed());
        responses.onProgress(notices(split == Split.TRAIN ? "training" : "held-out"));
        return responses;
    }

    /** Sampling may take longer than learning: says now and then how far it is. */
    private static LongConsumer notices(String what) {
        long begun = System.nanoTime();
        long[] noticed = {begun};
        System.err.println("sampling the policy's " + what + " responses");
        return tokens -> {
            long now = System.nanoTime();
            if (now - noticed[0] > NOTICE.toNanos()) {
                noticed[0] = now;
                System.err.printf(
                        Locale.ROOT,
                        "  %,d %s tokens sampled after %d s%n",
                        tokens,
                        what,
                        (now - begun) / 1_000_000_000);
            }
        };
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new ConfigException("%s is %d: expected at least 1".formatted(option, value));
        }
    }

    private static Iterator<int[]> limited(Iterator<int[]> prompts, int count) {
        List<int[]> few = new ArrayList<>();
        while (few.size() < count && prompts.hasNext()) {
            few.add(prompts.next());
        }
        return few.iterator();
    }

    private static List<TokenSequence> take(PolicyResponses responses, int count) {
        List<TokenSequence> taken = new ArrayList<>();
        while (taken.size() < count && responses.hasNext()) {
            taken.add(responses.next());
        }
        return taken;
    }

    private static void show(PretrainingProgress progress) {
        if (due(progress.step(), progress.steps())) {
            String heldOut = progress.heldOutLoss().isPresent()
                    ? String.format(
                            Locale.ROOT,
                            "  held-out %.4f",
                            progress.heldOutLoss().getAsDouble())
                    : "";
            show(
                    progress.step(),
                    progress.steps(),
                    progress.loss(),
                    heldOut,
                    progress.responseTokens(),
                    progress.elapsed());
        }
    }

    private static void show(DrafterPretrainingProgress progress) {
        if (due(progress.step(), progress.steps()) || progress.heldOut().isPresent()) {
            String heldOut = progress.heldOut()
                    .map(sums ->
                            String.format(Locale.ROOT, "  held-out acceptance length %.3f", sums.acceptanceLength()))
                    .orElse("");
            show(progress.step(), progress.steps(), progress.loss(), heldOut, progress.tokens(), progress.elapsed());
        }
    }

    private static boolean due(int step, int steps) {
        return step == 1 || step == steps || step % Math.max(1, steps / LINES) == 0;
    }

    private static void show(int step, int steps, double loss, String heldOut, long tokens, Duration elapsed) {
        System.out.printf(
                Locale.ROOT,
                "step %5d of %d  loss %.4f%s  %,d tokens in %d s%n",
                step,
                steps,
                loss,
                heldOut,
                tokens,
                elapsed.toSeconds());
    }
}
