package dev.respec.ops.paper.findings;

import java.util.List;

/**
 * What one experiment found, as {@code results.json} holds it.
 *
 * @param experiment its name on the command line
 * @param measured size of what was measured: runs, steps, seeds, turns
 * @param failures runs that failed or were left out, with the reason
 */
public record Findings(
        String experiment,
        String title,
        String measured,
        List<Claim> claims,
        List<Plot> plots,
        List<ValueTable> tables,
        List<String> failures) {
    public Findings {
        claims = List.copyOf(claims);
        plots = List.copyOf(plots);
        tables = List.copyOf(tables);
        failures = List.copyOf(failures);
    }
}
