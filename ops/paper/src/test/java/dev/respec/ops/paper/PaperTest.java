package dev.respec.ops.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.console.Console;
import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PaperTest {
    private static final List<String> ORDER = List.of("one", "two", "three");

    @TempDir
    Path out;

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private record Fixed(String name, int weight, Function<Session, Findings> found) implements Experiment {
        @Override
        public String title() {
            return "Fig. " + name;
        }

        @Override
        public Findings run(Session session) {
            return found.apply(session);
        }
    }

    private static Findings findings(String name, String because) {
        return new Findings(
                name,
                "Fig. " + name,
                "Two < three.",
                List.of(new Claim("It <works>", "paper", Verdict.HOLDS, because)),
                List.of(new Plot(
                        "A plot",
                        "batch",
                        "Times.",
                        Plot.Shape.LINES,
                        List.of("1", "2", "4"),
                        List.of(
                                new Curve(
                                        "ours",
                                        Curve.Origin.OURS,
                                        List.of(0.0, 1.0, 2.0),
                                        List.of(1.0, Double.NaN, 3.0),
                                        List.of(0.1, Double.NaN, 0.2)),
                                new Curve(
                                        "best",
                                        Curve.Origin.PAPER,
                                        List.of(0.0, 1.0, 2.0),
                                        List.of(1.41, 1.46, 1.34),
                                        List.of())))),
                List.of(new ValueTable("Values", List.of("batch", "gain"), List.of(List.of("1", "2.0")))),
                List.of());
    }

    @Test
    void shouldNameAFailureAndRunTheRest() throws InterruptedException {
        List<Findings> all = paper(null)
                .run(List.of(
                        new Fixed("one", 1, session -> findings("one", "first")),
                        new Fixed("two", 1, session -> {
                            throw new IllegalStateException("no memory");
                        }),
                        new Fixed("three", 1, session -> findings("three", "third"))));

        assertThat(all).extracting(Findings::experiment).containsExactly("one", "two", "three");
        assertThat(all.get(1).failures()).containsExactly("two: it failed: no memory");
        assertThat(all.get(1).claims()).extracting(Claim::verdict).containsExactly(Verdict.NOT_MEASURED);
        assertThat(shown.toString(StandardCharsets.UTF_8)).contains("! two: it failed: no memory", "Holds: third");
    }

    @Test
    void shouldKeepWhatEarlierCallsFoundAndReplaceWhatIsFoundAgain() throws InterruptedException, IOException {
        paper(null)
                .run(List.of(
                        new Fixed("one", 1, session -> findings("one", "old")),
                        new Fixed("three", 1, session -> findings("three", "kept"))));
        List<Findings> last = paper(null).run(List.of(new Fixed("one", 1, session -> findings("one", "new"))));

        assertThat(last).extracting(Findings::experiment).containsExactly("one");
        assertThat(new ResultsFolder(out).read()).containsExactly(findings("one", "new"), findings("three", "kept"));
        String page = Files.readString(out.resolve("paper.html"));
        assertThat(page)
                .contains(
                        "It &lt;works&gt;",
                        "Holds: new",
                        "Holds: kept",
                        "class=\"curve dashed s2\"",
                        "class=\"band s1\"")
                .contains("best (paper)", "Two &lt; three.", "<td>2.0</td>")
                .doesNotContain("Holds: old");
        assertThat(Files.readString(out.resolve("paper.md"))).contains("| batch | gain |", "**It <works>** (paper)");
    }

    @Test
    void shouldSplitTheBudgetByWeight() throws InterruptedException {
        double[] seconds = new double[3];
        paper(Duration.ofSeconds(1000))
                .run(List.of(
                        new Fixed("one", 3, session -> {
                            seconds[0] = session.limit().secondsLeft();
                            return findings("one", "");
                        }),
                        new Fixed("two", 0, session -> {
                            seconds[1] = session.limit().secondsLeft();
                            return findings("two", "");
                        }),
                        new Fixed("three", 1, session -> {
                            seconds[2] = session.limit().secondsLeft();
                            return findings("three", "");
                        })));

        assertThat(seconds[0]).isBetween(700.0, 750.0);
        assertThat(seconds[2]).isBetween(900.0, 1000.0); // what the first left over is the last one's
    }

    @Test
    void shouldGiveEachExperimentARunOfEachArmBeforeAnyGetsASecond() throws InterruptedException {
        List<String> asked = new ArrayList<>();
        Function<String, Experiment> experiment = name -> new Fixed(name, 1, session -> {
            asked.add(name + " " + session.size().seeds());
            return findings(name, "with " + session.size().seeds());
        });
        paper(Duration.ofHours(1), Size.quick().withSeeds(2))
                .run(List.of(experiment.apply("one"), experiment.apply("two"), new Fixed("three", 0, session -> {
                    asked.add("three");
                    return findings("three", "");
                })));

        assertThat(asked).containsExactly("one 1", "two 1", "three", "one 2", "two 2");
        assertThat(Files.exists(out.resolve("results.json"))).isTrue();
        assertThat(new ResultsFolder(out).read().get(0)).isEqualTo(findings("one", "with 2"));
    }

    @Test
    void shouldGiveWhatIsLeftToThoseThatHadToLeaveSomethingOut() throws InterruptedException {
        double[] seconds = new double[2];
        int[] calls = new int[2];
        List<Findings> all = paper(Duration.ofSeconds(1000))
                .run(List.of(
                        new Fixed("one", 1, session -> {
                            seconds[calls[0]++] = session.limit().secondsLeft();
                            return calls[0] == 1 ? leftOut("one") : findings("one", "measured");
                        }),
                        new Fixed("two", 9, session -> {
                            calls[1]++;
                            return findings("two", "");
                        })));

        assertThat(seconds[0]).isBetween(50.0, 100.0);
        assertThat(seconds[1]).isBetween(900.0, 1000.0);
        assertThat(calls).containsExactly(2, 1);
        assertThat(all).first().isEqualTo(findings("one", "measured"));
    }

    private static Findings leftOut(String name) {
        return new Findings(
                name,
                "Fig. " + name,
                "Nothing.",
                List.of(Claim.notMeasured("It", "paper", "left out")),
                List.of(),
                List.of(),
                List.of("left out"));
    }

    /** What the folder holds does not become unknown because a later call has no time. */
    @Test
    void shouldLetAnExperimentReadWhatIsRecordedWhenTheBudgetIsUsedUp() throws InterruptedException {
        List<Findings> all = paper(Duration.ofMillis(1)).run(List.of(new Fixed("one", 1, session -> {
            assertThat(session.limit().allows(1)).isFalse();
            return findings("one", "recorded");
        })));

        assertThat(all).containsExactly(findings("one", "recorded"));
    }

    @Test
    void shouldLeaveNoHalfWrittenFile() throws InterruptedException, IOException {
        paper(null).run(List.of(new Fixed("one", 1, session -> findings("one", ""))));

        try (var files = Files.list(out)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("results.json", "paper.html", "paper.md");
        }
    }

    @Test
    void shouldRefuseAFileThatIsNotItsOwn() throws IOException {
        Files.writeString(out.resolve("results.json"), "[1, 2]");

        assertThatThrownBy(() -> paper(null).run(List.of()))
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining("results.json cannot be read as results of 'respec paper'")
                .hasMessageContaining("name another --out");
    }

    @Test
    void shouldRefuseAFolderThatItCannotWriteBeforeAnythingStarts() throws IOException {
        Path file = Files.writeString(out.resolve("file"), "not a folder");
        Path page = Files.createDirectories(out.resolve("taken/paper.html"));

        for (Path refused : List.of(file.resolve("results"), page.getParent())) {
            Console console = new Console(new PrintStream(shown, true, StandardCharsets.UTF_8), false);
            Paper paper = new Paper(new ResultsFolder(refused), ORDER, Size.quick(), null, console);

            assertThatThrownBy(() -> paper.run(List.of(new Fixed("one", 1, session -> {
                        throw new AssertionError("it ran");
                    }))))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageContaining("cannot be written to")
                    .hasMessageContaining("--out")
                    .hasMessageNotContaining("\n");
        }
        assertThat(shown.size()).isZero();
    }

    @Test
    void shouldKnowItsExperimentsByName() {
        var experiments = new Experiments(RespecConfig.defaults(), new ResultsFolder(out));

        assertThat(experiments.names())
                .doesNotHaveDuplicates()
                .contains("fig3", "fig7", "fig7-decision", "fig15", "scale");
        assertThat(experiments.named(List.of("scale", "fig3", "scale")))
                .extracting(Experiment::name)
                .containsExactly("fig3", "scale");
        assertThat(experiments.named(List.of("all"))).hasSameSizeAs(experiments.names());
        assertThatThrownBy(() -> experiments.named(List.of("fig33")))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("no experiment 'fig33'")
                .hasMessageContaining("fig3");
    }

    private Paper paper(@Nullable Duration budget) {
        return paper(budget, Size.quick());
    }

    private Paper paper(@Nullable Duration budget, Size size) {
        Console console = new Console(new PrintStream(shown, true, StandardCharsets.UTF_8), false);
        return new Paper(new ResultsFolder(out), ORDER, size, budget, console);
    }
}
