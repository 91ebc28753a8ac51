package dev.respec.ops.report;

import dev.respec.ops.audit.SampleRollout;
import dev.respec.ops.report.ConfigDifferences.Difference;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run was: its configuration, its machine, some of its rollouts. */
final class RunSection {
    private static final int LONGEST_TEXT = 1200;

    private RunSection() {}

    static String render(
            @Nullable Machine machine, Map<String, Difference> configuration, List<SampleRollout> samples) {
        return "<h2>Run</h2>" + machine(machine) + configuration(configuration) + samples(samples);
    }

    private static String machine(@Nullable Machine machine) {
        if (machine == null) {
            return "";
        }
        Table table = Table.ofRows();
        table.row("Processor", machine.processor() + ", " + machine.cores() + " cores");
        table.row("Memory", String.format(Locale.ROOT, "%.1f GiB", machine.memoryBytes() / (double) (1L << 30)));
        table.row("System", machine.system());
        table.row("Java", machine.java());
        table.row(
                "respec", machine.version() + (machine.revision().isEmpty() ? "" : ", revision " + machine.revision()));
        return table.render();
    }

    private static String configuration(Map<String, Difference> configuration) {
        if (configuration.isEmpty()) {
            return "<p class=\"empty\">The configuration is the default one.</p>";
        }
        Table table = Table.of("configuration", "value", "default");
        configuration.forEach((key, difference) -> table.row(key, text(difference.value()), text(difference.usual())));
        return table.render();
    }

    private static String text(String value) {
        return value.isEmpty() ? "(empty)" : value;
    }

    private static String samples(List<SampleRollout> samples) {
        if (samples.isEmpty()) {
            return "";
        }
        StringBuilder cards = new StringBuilder("<h3>Rollouts, the best and the worst of the first and last groups</h3>"
                + "<section class=\"grid samples\">");
        for (SampleRollout sample : samples) {
            cards.append(String.format(
                    Locale.ROOT,
                    "<figure><h3>reward %s <small>%s, policy version %d, %,d tokens, answer %s</small></h3>"
                            + "<pre class=\"prompt\">%s</pre><pre>%s</pre></figure>",
                    reward(sample.reward()),
                    Svg.escape(sample.rolloutId()),
                    sample.policyVersion(),
                    sample.responseTokens(),
                    Svg.escape(clipped(sample.answer())),
                    Svg.escape(clipped(sample.prompt())),
                    Svg.escape(clipped(sample.response()))));
        }
        return cards + "</section>";
    }

    private static String reward(double reward) {
        return String.format(Locale.ROOT, reward == Math.rint(reward) ? "%.0f" : "%.3f", reward);
    }

    private static String clipped(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + "…";
    }
}
