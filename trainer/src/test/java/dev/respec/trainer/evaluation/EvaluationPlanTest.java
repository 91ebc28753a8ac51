package dev.respec.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.schemas.EvaluationMode;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EvaluationPlanTest {
    @TempDir
    Path folder;

    @Test
    void shouldBeDueAtTheStartEveryNStepsAndAtTheEnd() {
        var plan = plan("evaluation.every=3");

        assertThat(LongStream.rangeClosed(0, 8).filter(step -> plan.due(step, 8)))
                .containsExactly(0L, 3L, 6L, 8L);
        assertThat(plan("evaluation.every=3", "evaluation.at-start=false").due(0, 8))
                .isFalse();
    }

    @Test
    void shouldNeitherEvaluateNorReadDataByDefault() {
        var plan = plan("data.evaluation=" + folder.resolve("missing.jsonl"));

        assertThat(LongStream.rangeClosed(0, 100).anyMatch(step -> plan.due(step, 100)))
                .isFalse();
        assertThat(plan.prompts()).isEmpty();
    }

    @Test
    void shouldReadEveryDataSetWithItsTask() throws IOException {
        var file = Files.writeString(folder.resolve("words.jsonl"), """
            {"id": "a", "prompt": "Q", "answer": "1"}
            {"id": "b", "prompt": "R", "answer": "2", "split": "train"}
            {"id": "c", "prompt": "S", "answer": "3", "split": "test"}
            """);
        var plan = plan(
                "evaluation.every=1",
                "evaluation.size=5",
                "evaluation.data={sums: builtin:arithmetic, words: {file: %s, task: exact-match}}".formatted(file));

        assertThat(plan.prompts()).containsOnlyKeys("sums", "words");
        assertThat(plan.prompts().get("sums"))
                .hasSize(5)
                .allMatch(prompt -> prompt.task().equals("arithmetic"));
        assertThat(plan.prompts().get("words"))
                .extracting(prompt -> prompt.id() + " " + prompt.task())
                .containsExactly("a exact-match", "c exact-match");
        assertThat(plan.deciding()).isEqualTo(new DecidingScore("sums", EvaluationMode.SAMPLED, "pass@1"));
        assertThat(plan("evaluation.samples=0").deciding())
                .isEqualTo(new DecidingScore("arithmetic", EvaluationMode.GREEDY, "pass@1"));
    }

    @Test
    void shouldReportPowersOfTwoAllSamplesAndTheOneThatDecides() {
        var plan = plan("evaluation.every=1", "evaluation.samples=6", "evaluation.best-by=arithmetic sampled pass@3");

        assertThat(plan.passKs(6)).containsExactly(1, 2, 3, 4, 6);
        assertThat(plan.passKs(1)).containsExactly(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        arithmetic sampled pass@8   | at most pass@4, or evaluation.samples of at least 8
        arithmetic greedy pass@2    | pass@1, as there is one greedy answer per prompt
        gsm8k greedy pass@1         | a data set of evaluation.data, one of [arithmetic]
        arithmetic often pass@1     | greedy|sampled
        arithmetic greedy loss      | pass@1, pass@k or reward_mean
        arithmetic                  | <data set>
        """)
    void shouldRefuseAScoreThatIsNotMeasured(String bestBy, String expected) {
        assertThatThrownBy(() -> plan("evaluation.every=1", "evaluation.best-by=" + bestBy))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("evaluation.best-by")
                .hasMessageContaining(expected.strip())
                .hasMessageContaining(bestBy.strip());
    }

    @Test
    void shouldNameTheDataSetWhoseFileIsMissing() {
        var missing = folder.resolve("missing.jsonl");

        assertThatThrownBy(() -> plan("evaluation.every=1", "evaluation.data={words: %s}".formatted(missing)))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("evaluation.data, words")
                .hasMessageContaining(missing.toString());
    }

    @Test
    void shouldRefuseADataSetWithUnknownFields() {
        assertThatThrownBy(() -> plan("evaluation.data={words: {path: x.jsonl}}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("evaluation.data")
                .hasMessageContaining("{file: …, task: …}");
        assertThatThrownBy(() -> plan("evaluation.data={a b: x.jsonl}"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("a b");
    }

    private EvaluationPlan plan(String... settings) {
        return EvaluationPlan.of(RespecConfig.defaults().withOverrides(List.copyOf(Arrays.asList(settings))), folder);
    }
}
