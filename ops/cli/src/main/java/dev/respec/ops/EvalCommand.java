package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.generation.Evaluation.Plan;
import dev.respec.generation.WorkerModels;
import dev.respec.ops.inputs.InstalledModels;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.inputs.ServiceInputs;
import dev.respec.ops.measure.AnswerFile;
import dev.respec.ops.measure.EvaluationResult;
import dev.respec.ops.measure.HeldOut;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Rewards and pass rates of a checkpoint on held-out prompts. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description =
                "Measures a checkpoint on held-out prompts, sampled and greedy: mean reward, standard error, pass@k.",
        footerHeading = "%nKeys of the JSON result:%n",
        footer = {
            "  prompts               answered",
            "  refused_prompts       left out: longer than worker.capacity allows, or with",
            "                        characters that the tokenizer does not know",
            "  samples_per_prompt    of the sampled answers; greedy is one per prompt",
            "  sampled_pass_at_1, greedy_pass_at_1, mean_response_tokens",
            "  sampled, greedy       each with:",
            "    mean_reward",
            "    standard_error      of the mean reward, over prompts; null for one prompt",
            "    pass_at_k           by k: share of prompts with a reward of at least 1",
            "                        in k samples (unbiased, arXiv 2107.03374)",
            "    mean_response_tokens, truncated_share, reward_errors, seconds"
        })
final class EvalCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint folder (model.policy).")
    private @Nullable Path model;

    @Option(names = "--prompts", paramLabel = "N", description = "Held-out prompts to answer (data.evaluation-size).")
    private @Nullable Integer prompts;

    @Option(
            names = {"-n", "--samples"},
            paramLabel = "N",
            defaultValue = "1",
            description = "Sampled answers per prompt, for pass@k; default ${DEFAULT-VALUE}.")
    private int samples;

    @Option(
            names = {"-o", "--out"},
            paramLabel = "FILE",
            description =
                    "Writes every answer there as JSON Lines: id, mode (sampled, greedy), sample, prompt, response,"
                            + " answer, task, reward, reward_parts, reward_error, finish_reason (stop, length), tokens.")
    private @Nullable Path out;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the result there, for machines.")
    private @Nullable Path json;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (samples < 1) {
            throw new ParameterException(spec.commandLine(), "--samples must be at least 1, found " + samples);
        }
        List<String> settings = new ArrayList<>(List.of("model.drafter=none"));
        if (model != null) {
            settings.add("model.policy=" + model.toAbsolutePath());
        }
        if (prompts != null) {
            settings.add("data.evaluation-size=" + prompts);
        }
        RespecConfig config = InstalledModels.resolve(configuration.load(settings));
        Paths.requireWritableFile("--json", json);
        Path policy = Path.of(config.model().policy());
        HeldOut heldOut = HeldOut.of(config, policy);
        heldOut.requireRewardFunctions();
        ServiceInputs.requireAnswers(config, System.err::println);
        try (AnswerFile answers = out == null ? null : AnswerFile.create(out);
                WorkerModels models = WorkerModels.load(config, policy, null)) {
            EvaluationResult result = new EvaluationResult(
                    samples,
                    mode(heldOut, models, "sampled", heldOut.sampled(samples), answers),
                    mode(heldOut, models, "greedy", heldOut.greedy(), answers));
            result.lines().forEach(System.out::println);
            if (json != null) {
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), result.json());
            }
        }
        return 0;
    }

    private static EvaluationResult.Mode mode(
            HeldOut heldOut, WorkerModels models, String name, Plan plan, @Nullable AnswerFile answers) {
        var errors = new ArrayList<String>();
        var outcome = heldOut.answer(models, plan, "evaluation, " + name, System.err::println, (answer, reward) -> {
            if (reward.error() != null) {
                errors.add(answer.question().id() + ": " + reward.error());
            }
            if (answers != null) {
                answers.write(name, answer, reward);
            }
        });
        return new EvaluationResult.Mode(outcome, errors);
    }
}
