package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.respec.ops.audit.RunRecords;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelCardTest {
    private static final BaseCard BASE = new BaseCard("apache-2.0", "tiny", Optional.of("ann/tiny"));
    private static final RespecConfig CONFIG = RespecConfig.load(
            null,
            Map.of(),
            List.of(
                    "data.train=/home/ann/data/questions.jsonl",
                    "data.evaluation=/home/ann/data/held-out.jsonl",
                    "data.task=gsm8k",
                    "data.seed=5",
                    "model.policy=/home/ann/models/tiny",
                    "model.drafter=/home/ann/models/drafter",
                    "run.data-dir=/home/ann/run"));

    private final SyntheticRun run = new SyntheticRun();
    private final RunRecords records = run.records();
    private final RunSummary summary = run.summary();
    private final String policy = ModelCard.policy(summary, records, CONFIG, BASE);
    private final String drafter = ModelCard.drafter(summary, records, CONFIG, BASE);

    @Test
    void shouldBeginWithAHeaderThatTheHubReads() throws IOException {
        JsonNode header = new YAMLMapper().readTree(policy.substring(4, policy.indexOf("\n---\n", 4)));

        assertThat(header.path("license").asText()).isEqualTo("apache-2.0");
        assertThat(header.path("library_name").asText()).isEqualTo("transformers");
        assertThat(header.path("pipeline_tag").asText()).isEqualTo("text-generation");
        assertThat(header.path("base_model").asText()).isEqualTo("ann/tiny");
        assertThat(header.path("tags").get(0).asText()).isEqualTo("respec");
        assertThat(ModelCard.policy(summary, records, CONFIG, new BaseCard("unknown", "tiny", Optional.empty())))
                .contains("license: unknown\n")
                .doesNotContain("base_model");
    }

    @Test
    void shouldSayWhatItWasTrainedOnAndHow() {
        assertThat(policy)
                .contains("| data | questions.jsonl |")
                .contains("| reward | gsm8k |")
                .contains("| seeds: run, data | " + summary.seed() + ", 5 |")
                .contains("`tiny` after " + summary.steps() + " steps")
                .contains("AutoModelForCausalLM.from_pretrained");
        assertThat(drafter).contains("EAGLE-3", "\"method\": \"eagle3\"", "--speculative-algorithm EAGLE3");
    }

    @Test
    void shouldNameEveryPartOfTheRewardAndHowPromptsAreChosen() {
        RespecConfig config = CONFIG.withOverrides(List.of(
                "reward.parts={task: 1.0, judge: 0.2}",
                "reward.judge.url=http://127.0.0.1:9",
                "reward.judge.model=m",
                "trainer.dynamic-sampling.enabled=true"));

        assertThat(ModelCard.policy(summary, records, config, new BaseCard("unknown", "tiny", Optional.empty())))
                .contains("| reward | judge x 0.2, gsm8k x 1.0 |")
                .contains("| groups with equal rewards | replaced (dynamic sampling) |");
    }

    @Test
    void shouldShowTheEvaluationAndTheCurvesEnds() {
        RunSummary.Evaluation evaluation = Objects.requireNonNull(summary.evaluation());
        assertThat(policy)
                .contains(String.format(
                        Locale.ROOT,
                        "| pass@1, sampled | %.4g | %.4g |",
                        evaluation.before().sampledPassAt1(),
                        evaluation.after().sampledPassAt1()))
                .contains("of `held-out.jsonl`")
                .contains("\n| 1 | ")
                .contains("\n| 80 | ");
        assertThat(policy.lines().filter(line -> line.matches("\\| \\d+ \\| .*")))
                .hasSize(11);
    }

    @Test
    void shouldNameNoFolderOfTheMachine() {
        assertThat(policy + drafter).doesNotContain("/home", "ann/data", "ann/models", "ann/run");
    }
}
