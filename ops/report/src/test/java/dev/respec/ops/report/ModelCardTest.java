package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunRecords;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A plain scalar would be a boolean, a number, a comment or a second field. */
    @ParameterizedTest
    @ValueSource(strings = {"no", "1.0", "other # mine", "cc-by: 4", "a\nb: c"})
    void shouldKeepWhateverTheFirstCardNamesAsItsLicence(String licence) throws IOException {
        BaseCard base = new BaseCard(licence, "tiny", Optional.empty());

        for (String card : List.of(
                ModelCard.policy(summary, records, CONFIG, base), ModelCard.drafter(summary, records, CONFIG, base))) {
            JsonNode header = new YAMLMapper().readTree(card.substring(4, card.indexOf("\n---\n", 4)));
            assertThat(header.path("license").isTextual()).isTrue();
            assertThat(header.path("license").asText()).isEqualTo(licence);
            assertThat(header.path("pipeline_tag").asText()).isEqualTo("text-generation");
        }
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

    /** A run on a cluster has no summary of its data folder; SyntheticRun evaluates after steps 0, 20, 40 and 60. */
    @Test
    void shouldShowTheRunsOwnEvaluationsWhereNothingElseWasMeasured() {
        RunSummary fromTopics = new Summaries(records, RunAudit.auditSoFar(records, 2))
                .summarise(new Summaries.Measured(17, 1, 1, null, null, null, null, false));

        assertThat(ModelCard.policy(fromTopics, records, CONFIG, BASE))
                .contains("pass@1 by the evaluations of the run:")
                .contains("sampled | 0.2500 after step 0 | 0.6250 after step 60 |")
                .doesNotContain("Not evaluated", "of `held-out.jsonl`");
    }

    @Test
    void shouldNameNoFolderOfTheMachine() {
        assertThat(policy + drafter).doesNotContain("/home", "ann/data", "ann/models", "ann/run");
    }
}
