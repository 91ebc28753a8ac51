package dev.respec.ops.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/** Columns of the terminal. Asked again now and then, because windows change their size. One thread. */
final class TerminalWidth implements IntSupplier {
    private static final int FALLBACK = 80;
    private static final int NARROWEST = 20;
    private static final Duration FRESH = Duration.ofSeconds(5);

    private int columns;
    private long askedNanos;

    @Override
    public int getAsInt() {
        long now = System.nanoTime();
        if (columns == 0 || now - askedNanos > FRESH.toNanos()) {
            askedNanos = now;
            columns = Math.max(NARROWEST, ask());
        }
        return columns;
    }

    private int ask() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            stty.waitFor(1, TimeUnit.SECONDS);
            return parse(size);
        } catch (IOException noTerminalOrNoStty) {
            return parse("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Math.max(columns, FALLBACK);
        }
    }

    /** Rows and columns as {@code stty size} prints them; a terminal that knows no size says 0. */
    private static int parse(String size) {
        String[] words = size.strip().split(" ");
        int known = words.length == 2 ? number(words[1]) : 0;
        if (known == 0) {
            String shell = System.getenv("COLUMNS");
            known = shell == null ? 0 : number(shell);
        }
        return known == 0 ? FALLBACK : known;
    }

    private static int number(String text) {
        return text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
    }
}
