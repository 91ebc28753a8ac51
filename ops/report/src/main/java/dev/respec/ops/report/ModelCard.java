package dev.respec.ops.report;

import dev.respec.ops.audit.RunRecords;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The README.md of a run's final policy and of its drafter, as the Hugging Face hub reads it: what it was trained on and
 * how, what it scores, how to load it. Names files and never folders of the machine.
 */
public final class ModelCard {
    private static final int MOST_ROWS = 11;

    private final RunSummary summary;
    private final RunRecords records;
    private final RespecConfig config;
    private final StringBuilder text = new StringBuilder();

    private ModelCard(RunSummary summary, RunRecords records, RespecConfig config) {
        this.summary = summary;
        this.records = records;
        this.config = config;
    }

    /** Of the policy. */
    public static String policy(RunSummary summary, RunRecords records, RespecConfig config, BaseCard base) {
        ModelCard card = new ModelCard(summary, records, config);
        card.text.append(CardHeader.ofPolicy(base));
        card.line("# " + summary.runId());
        card.line("");
        card.line("`%s` after %d steps of reinforcement learning with respec (%s)."
                .formatted(base.name(), summary.steps(), card.objective()));
        card.training();
        card.results();
        card.curve();
        card.loadPolicy();
        return card.text.toString();
    }

    /** Of the drafter. */
    public static String drafter(RunSummary summary, RunRecords records, RespecConfig config, BaseCard base) {
        ModelCard card = new ModelCard(summary, records, config);
        card.text.append(CardHeader.ofDrafter(base));
        card.line("# Drafter of " + summary.runId());
        card.line("");
        card.line("An EAGLE-3 drafter for the policy of run `%s`, distilled while the policy was trained (version %d)."
                .formatted(summary.runId(), summary.versions().drafter()));
        card.section("Training");
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("rounds", Integer.toString(records.steps(WeightRole.DRAFTER).size()));
        rows.put("weight of a rollout", lower(config.learner().weighting()));
        rows.put("learning rate", Double.toString(config.learner().learningRate()));
        rows.put("seed", Long.toString(summary.seed()));
        card.table(rows);
        card.section("Acceptance");
        card.text.append(CardAcceptance.ofDrafter(
                records.acceptance(), summary.versions().drafter()));
        card.loadDrafter();
        return card.text.toString();
    }

    private String objective() {
        return lower(config.trainer().loss().objective()).toUpperCase(Locale.ROOT);
    }

    private void training() {
        section("Training");
        Map<String, String> rows = new LinkedHashMap<>();
        rows.put("data", fileName(config.data().train()));
        rows.put("reward", reward());
        choiceOfPrompts(rows);
        rows.put("steps", Long.toString(summary.steps()));
        rows.put(
                "prompts per step, rollouts per prompt",
                config.trainer().promptsPerStep() + ", " + config.trainer().groupSize());
        rows.put("rollouts trained on", Long.toString(summary.rollouts().trainedOn()));
        rows.put(
                "objective, aggregation, advantage",
                objective() + ", "
                        + lower(config.trainer().loss().aggregation()) + ", "
                        + lower(config.trainer().loss().advantage()));
        rows.put(
                "learning rate",
                "%s, %s, %d steps of warm-up"
                        .formatted(
                                config.trainer().learningRate(),
                                lower(config.trainer().schedule()),
                                config.trainer().warmupSteps()));
        if (config.trainer().lora().rank() > 0) {
            rows.put("LoRA rank", Integer.toString(config.trainer().lora().rank()));
        }
        rows.put(
                "sampling",
                "temperature %s, top-p %s, at most %d tokens"
                        .formatted(
                                config.sampling().temperature(),
                                config.sampling().topP(),
                                config.sampling().maxTokens()));
        rows.put("seeds: run, data", summary.seed() + ", " + config.data().seed());
        table(rows);
    }

    private void choiceOfPrompts(Map<String, String> rows) {
        if (config.trainer().dynamicSampling().enabled()) {
            rows.put("groups with equal rewards", "replaced (dynamic sampling)");
        }
        if (config.data().curriculum().enabled()) {
            rows.put("prompts", "drawn by their pass rates (curriculum)");
        }
    }

    private String reward() {
        Map<String, Double> weights = new TreeMap<>(config.reward().weights());
        return weights.isEmpty() || weights.keySet().equals(Set.of("task"))
                ? taskReward()
                : weights.entrySet().stream()
                        .map(part ->
                                (part.getKey().equals("task") ? taskReward() : part.getKey()) + " x " + part.getValue())
                        .collect(Collectors.joining(", "));
    }

    private String taskReward() {
        String task = config.data().task();
        if (!task.isEmpty()) {
            return task;
        }
        return config.data().train().startsWith("builtin:")
                ? config.data().train().substring("builtin:".length())
                : "the task that each line of the data names";
    }

    /** A data file is called by its name: its folder is of one machine. */
    private static String fileName(String location) {
        return location.startsWith("builtin:")
                ? location
                : location.substring(Math.max(location.lastIndexOf('/'), location.lastIndexOf('\\')) + 1);
    }

    private void results() {
        section("Results");
        RunSummary.Evaluation evaluation = summary.evaluation();
        if (evaluation == null) {
            evaluations();
        } else {
            line("Held-out prompts: %d of `%s`."
                    .formatted(evaluation.prompts(), fileName(config.data().evaluation())));
            line("");
            line("| | before | after |");
            line("|---|---|---|");
            line(row(
                    "pass@1, sampled",
                    evaluation.before().sampledPassAt1(),
                    evaluation.after().sampledPassAt1()));
            line(row(
                    "pass@1, greedy",
                    evaluation.before().greedyPassAt1(),
                    evaluation.after().greedyPassAt1()));
            line(row(
                    "response tokens",
                    evaluation.before().meanResponseTokens(),
                    evaluation.after().meanResponseTokens()));
        }
        line("");
        text.append(CardAcceptance.ofRun(records.acceptance(), summary.acceptanceLength()));
    }

    /** Those that the run made itself, first and last of each kind. */
    private void evaluations() {
        Map<String, List<PolicyEvaluation>> kinds = records.evaluation().inOrder().stream()
                .collect(Collectors.groupingBy(
                        result -> "`%s`, %s".formatted(result.getDataSet(), lower(result.getMode())),
                        LinkedHashMap::new,
                        Collectors.toList()));
        if (kinds.isEmpty()) {
            line("Not evaluated on held-out prompts.");
            return;
        }
        line("Held-out prompts, pass@1 by the evaluations of the run:");
        line("");
        line("| | first | last |");
        line("|---|---|---|");
        kinds.forEach((kind, results) -> {
            PolicyEvaluation first = results.get(0);
            PolicyEvaluation last = results.get(results.size() - 1);
            line("| %s | %s after step %d | %s after step %d |"
                    .formatted(kind, passAt1(first), first.getStep(), passAt1(last), last.getStep()));
        });
    }

    private static String passAt1(PolicyEvaluation result) {
        return number("%.4g", result.getMetrics().getOrDefault("pass@1", Double.NaN));
    }

    private void curve() {
        List<TrainingStep> steps = records.steps(WeightRole.POLICY);
        if (steps.isEmpty()) {
            return;
        }
        section("Curve");
        line("| step | reward | pass rate | response tokens | loss |");
        line("|---|---|---|---|---|");
        for (TrainingStep step : spread(steps)) {
            line(String.format(
                    Locale.ROOT,
                    "| %d | %s | %s | %s | %s |",
                    step.getStep(),
                    number("%.4f", StepMetric.REWARD_MEAN.of(step)),
                    number("%.4f", StepMetric.PASS_RATE.of(step)),
                    number("%.1f", StepMetric.RESPONSE_LENGTH_MEAN.of(step)),
                    number("%.5f", StepMetric.LOSS.of(step))));
        }
    }

    /** A step without signal has no loss. */
    private static String number(String format, double value) {
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }

    /** The first, the last and some between them, at equal distances. */
    private static List<TrainingStep> spread(List<TrainingStep> steps) {
        List<TrainingStep> chosen = new ArrayList<>();
        int rows = Math.min(MOST_ROWS, steps.size());
        for (int i = 0; i < rows; i++) {
            chosen.add(steps.get(rows == 1 ? 0 : Math.round((float) i * (steps.size() - 1) / (rows - 1))));
        }
        return chosen;
    }

    private void loadPolicy() {
        section("Use");
        line("""
                ```python
                from transformers import AutoModelForCausalLM, AutoTokenizer

                model = AutoModelForCausalLM.from_pretrained("policy-final")
                tokenizer = AutoTokenizer.from_pretrained("policy-final")
                ```

                `vllm serve policy-final` and `python -m sglang.launch_server --model-path policy-final` serve the same
                folder.""");
    }

    private void loadDrafter() {
        section("Use");
        line("""
                With the policy of the same run, and with no other:

                ```sh
                vllm serve policy-final --speculative-config '{"method": "eagle3", "model": "drafter-final", "num_speculative_tokens": 4}'
                python -m sglang.launch_server --model-path policy-final --speculative-algorithm EAGLE3 --speculative-draft-model-path drafter-final --speculative-num-steps 4 --speculative-eagle-topk 1 --speculative-num-draft-tokens 5
                ```""");
    }

    private void section(String title) {
        line("");
        line("## " + title);
        line("");
    }

    private void table(Map<String, String> rows) {
        line("| | |");
        line("|---|---|");
        rows.forEach((name, value) -> line("| " + name + " | " + value.replace("|", "\\|") + " |"));
    }

    private static String row(String name, double before, double after) {
        return String.format(Locale.ROOT, "| %s | %.4g | %.4g |", name, before, after);
    }

    private static String lower(Object choice) {
        return choice.toString().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
