package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.generation.engine.Eagle3Drafting;
import dev.respec.generation.engine.ModelDrafting;
import dev.respec.model.TargetModel;
import dev.respec.model.TextTokenizer;
import dev.respec.model.chat.ChatTemplate;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.generate.Asked;
import dev.respec.ops.generate.Generation;
import dev.respec.ops.generate.GenerationDefaults;
import dev.respec.ops.generate.GenerationResult;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.speculation.Setting;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.DataSection;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.WorkerSection;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Generates text. */
@Command(
        name = "generate",
        mixinStandardHelpOptions = true,
        description = "Generates from a prompt or a conversation, with or without speculation, and shows the speed.")
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private final SeededOptions configuration = new SeededOptions();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Checkpoint folder (default: model.policy of the configuration).")
    private @Nullable String model;

    @Option(
            names = "--drafter",
            paramLabel = "DIR",
            description = "EAGLE-3 drafter, for the setting eagle3 (default: model.drafter; none with --model).")
    private @Nullable String drafter;

    @ArgGroup
    private final Input input = new Input();

    /** What to continue; standard input if neither is given. */
    static final class Input {
        @Option(
                names = "--prompt",
                paramLabel = "TEXT",
                description = "A user's turn if the model has a chat template, otherwise a text to continue, as with"
                        + " --set data.chat=off (default: standard input).")
        private @Nullable String prompt;

        @Option(
                names = "--messages",
                paramLabel = "FILE",
                description = "Conversation to continue, through the model's chat template:"
                        + " [{\"role\":\"user\",\"content\":\"…\"}]; - is standard input.")
        private @Nullable String messages;
    }

    @Option(
            names = "--template-variables",
            paramLabel = "JSON",
            description = "Further variables of the chat template, such as {\"enable_thinking\":false}.")
    private @Nullable String variables;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 is greedy (default: generation_config.json, or 1).")
    private @Nullable Double temperature;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Nucleus of the distribution (default: generation_config.json, or 1).")
    private @Nullable Double topP;

    @Option(names = "--top-k", paramLabel = "K", description = "0 keeps all (default: generation_config.json, or 0).")
    private @Nullable Integer topK;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Most tokens of a response (default: max_new_tokens of generation_config.json, or 512).")
    private @Nullable Integer maxTokens;

    @Option(
            names = {"-n", "--samples"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Completions, in parallel; more than one are shown when all have ended.")
    private int samples;

    @Option(
            names = "--setting",
            paramLabel = "NAME",
            defaultValue = "off",
            description = "off, suffix:LENGTH, eagle3:LENGTH, eagle3:DEPTHxBRANCHING/TOKENS (a tree) or model:LENGTH"
                    + " (the smaller model of --set model.smaller=DIR) (default: ${DEFAULT-VALUE}). The text is"
                    + " distributed the same under every setting.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String setting;

    @Option(names = "--json", description = "Writes one JSON object instead of text.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        Setting chosen = setting();
        RespecConfig models = models(Installation.current(), chosen);
        Path policy = Path.of(models.model().policy());
        Path drafterFolder = drafterFolder(models, chosen);
        // before the tokenizer, which takes a second to open
        Checkpoint checkpoint = Checkpoint.read(policy);
        ModelConfig config = checkpoint.config();
        Eagle3Checkpoint draftModel = drafterFolder == null ? null : Eagle3Checkpoint.read(drafterFolder);
        GenerationDefaults defaults = defaults(policy).under(models.sampling());
        CompletableFuture<Boolean> machineCode =
                CompletableFuture.supplyAsync(() -> TargetModel.runsInMachineCode(config));
        TextTokenizer tokenizer = TextTokenizer.open(policy);
        Asked asked = asked(
                policy, configuration.load(Asked.variableSettings(variables)).data());
        Generation.Prompt prompt = prompt(policy, asked, asked.tokens(tokenizer), config, defaults);
        RespecConfig settings = settings(prompt, config, chosen);
        var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        machineCode.join();
        GenerationResult result = new Generation(settings, checkpoint, draftModel, tokenizer, chosen)
                .run(prompt, (sample, text) -> {
                    if (!json && samples == 1) {
                        out.print(text);
                        out.flush();
                    }
                });
        show(result, out);
        return 0;
    }

    private static GenerationDefaults defaults(Path policy) {
        GenerationDefaults defaults = GenerationDefaults.read(policy);
        if (!defaults.notApplied().isEmpty()) {
            System.err.println("not applied, because it would not be the model's own distribution: "
                    + String.join(", ", defaults.notApplied()));
        }
        return defaults;
    }

    /** An engine just large enough for the prompt. */
    private RespecConfig settings(Generation.Prompt prompt, ModelConfig policy, Setting chosen) {
        int room = Math.min(policy.maxPositions(), prompt.tokens().length + prompt.maxTokens());
        // limits follow measured times: without them, the same seed gives the same text
        RespecConfig settings = configuration.load(
                List.of("worker.draft-limit=none"),
                List.of("worker.slots=" + prompt.samples(), "worker.capacity=" + room, "worker.cost-batches=[1]"));
        if (chosen.drafter().equals(ModelDrafting.NAME)
                && settings.model().smaller().equals("none")) {
            throw new ConfigException("--setting " + setting + ": needs a model; name it with --set model.smaller=DIR");
        }
        return settings;
    }

    private Setting setting() {
        try {
            Setting parsed = Setting.parse(setting);
            WorkerSection.requireDrafterRoom(parsed);
            return parsed;
        } catch (IllegalArgumentException e) {
            throw new ConfigException("--setting: " + e.getMessage());
        }
    }

    /** The configuration's models under those of the options, resolved; without a drafter if none is used. */
    private RespecConfig models(Installation installation, Setting chosen) {
        List<String> settings = new ArrayList<>();
        if (model != null) {
            settings.add("model.policy=" + model);
        }
        boolean ownModel = model != null && !model.equals(Installation.POLICY);
        if (drafter != null && chosen.drafter().equals(Eagle3Drafting.NAME)) {
            settings.add("model.drafter=" + drafter);
        } else if (ownModel || !chosen.drafter().equals(Eagle3Drafting.NAME)) {
            settings.add("model.drafter=none");
        }
        return InstalledModels.resolve(configuration.load(settings));
    }

    private @Nullable Path drafterFolder(RespecConfig models, Setting chosen) {
        if (!chosen.drafter().equals(Eagle3Drafting.NAME)) {
            return null;
        }
        if (models.model().drafter().equals("none")) {
            throw new ConfigException("--setting " + setting + ": needs a drafter; name it with --drafter DIR");
        }
        return Path.of(models.model().drafter());
    }

    private Generation.Prompt prompt(
            Path policy, Asked asked, int[] tokens, ModelConfig config, GenerationDefaults defaults) {
        SamplingOptions sampling;
        try {
            sampling = new SamplingOptions(
                    temperature == null ? defaults.temperature() : temperature,
                    topP == null ? defaults.topP() : topP,
                    topK == null ? defaults.topK() : topK);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
        int most = maxTokens == null ? defaults.maxTokens() : maxTokens;
        if (most < 1 || samples < 1) {
            throw new ConfigException("--max-tokens and -n: expected at least 1, found " + most + " and " + samples);
        }
        if (tokens.length == 0 || tokens.length >= config.maxPositions()) {
            throw new BadInputException("the prompt has %d tokens; %s reads 1 to %d"
                    .formatted(tokens.length, policy, config.maxPositions() - 1));
        }
        long seed = configuration.seed == null ? System.nanoTime() : configuration.seed;
        return new Generation.Prompt(asked.text(), tokens, samples, sampling, most, seed);
    }

    private Asked asked(Path policy, DataSection words) throws IOException {
        if (input.messages == null) {
            return Asked.question(input.prompt == null ? standardInput() : input.prompt, policy, words);
        }
        String file = input.messages;
        ChatTemplate template = Asked.template(policy);
        try {
            return Asked.conversation(
                    file.equals("-") ? standardInput() : Files.readString(Path.of(file)), template, words);
        } catch (IllegalArgumentException | IOException e) {
            String reason = e instanceof IOException ? "cannot be read: " + e : e.getMessage();
            throw new BadInputException("--messages %s: %s".formatted(file, reason), e);
        }
    }

    private static String standardInput() throws IOException {
        String text = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    private void show(GenerationResult result, PrintStream out) throws IOException {
        if (json) {
            out.println(new ObjectMapper()
                    .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(result));
            return;
        }
        for (GenerationResult.Sample sample : result.samples()) {
            if (samples > 1) {
                out.printf("--- %d (%s)%n%s%n", sample.index() + 1, sample.finishReason(), sample.text());
            } else {
                out.println();
            }
        }
        show(result.statistics());
    }

    private static void show(GenerationResult.Statistics statistics) {
        double steps = Math.max(
                1e-9,
                statistics.draftMilliseconds() + statistics.verifyMilliseconds() + statistics.otherMilliseconds());
        System.err.printf(
                Locale.ROOT,
                "%d tokens in %.2f s, %.0f tokens/s; setting %s: acceptance length %.2f over %d steps;"
                        + " prefill %.0f ms; draft %.0f %%, verify %.0f %%, other %.0f %%%n",
                statistics.tokens(),
                statistics.seconds(),
                statistics.tokensPerSecond(),
                statistics.setting(),
                statistics.acceptanceLength(),
                statistics.verifySteps(),
                statistics.prefillMilliseconds(),
                100 * statistics.draftMilliseconds() / steps,
                100 * statistics.verifyMilliseconds() / steps,
                100 * statistics.otherMilliseconds() / steps);
    }
}
