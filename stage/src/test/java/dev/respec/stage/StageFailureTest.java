package dev.respec.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class StageFailureTest {
    /** What the action leaves on standard error, where the log goes. */
    private static String log(StageProcess.Action action) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.err;
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            StageProcess.guard("trainer", action);
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void shouldLogTheStackTraceOfAnUnexpectedExceptionOnce() {
        String log = log(() -> {
            throw new IllegalStateException("the buffer is empty");
        });

        assertThat(Pattern.compile("ERROR").matcher(log).results()).hasSize(1);
        assertThat(Pattern.compile("\\tat dev\\.respec\\.stage\\.StageFailureTest\\.lambda")
                        .matcher(log)
                        .results())
                .hasSize(1);
    }

    @Test
    void shouldSayWhatIsWrongWithTheInputInOneLine() {
        String log = log(() -> {
            throw new BadInputException("data.jsonl line 3: no prompt");
        });

        assertThat(log.strip().lines()).hasSize(1).first().asString().contains("data.jsonl line 3: no prompt");
    }
}
