package dev.respec.ops.paper.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.ops.paper.findings.Findings;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScaleExperimentTest {
    @TempDir
    Path empty;

    @Test
    void shouldSayWhereItsWorkloadComesFromAndWhatItsAxisCounts() {
        Findings findings = new ScaleExperiment(empty)
                .run(new Session(Size.quick(), new TimeLimit(System::nanoTime, Duration.ofHours(1)), line -> {}));

        assertThat(findings.measured())
                .startsWith("Discrete-event simulation from a composite workload (")
                .contains("recorded adaptive run of 4 steps", "at a load of 4 to 15")
                .doesNotContain("quiet");
        assertThat(findings.plots().get(0).title()).contains("in doublings");
        // In proportion to the workers: 512 are nine doublings of one.
        assertThat(findings.plots().get(0).curves().get(2).mean()).endsWith(9.0);
    }
}
