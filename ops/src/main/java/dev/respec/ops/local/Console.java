package dev.respec.ops.local;

import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a run shows: lines that stay, and on a terminal one line at the bottom that is drawn anew. Thread-safe. */
public final class Console {
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private @Nullable String bottom;

    public Console(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Standard output; a terminal where both it and standard input are one. */
    public static Console standard() {
        return new Console(System.out, System.console() != null && !"dumb".equals(System.getenv("TERM")));
    }

    public boolean isTerminal() {
        return terminal;
    }

    public synchronized void line(String text) {
        if (bottom != null) {
            out.print(ERASE_LINE);
        }
        out.println(text);
        if (bottom != null) {
            out.print(bottom);
        }
        out.flush();
    }

    /** A step of the start or the end: what, its result, and the seconds since the start. */
    public void step(String name, String result, double seconds) {
        line(String.format(Locale.ROOT, "  %6.1f s  %-11s %s", seconds, name, result));
    }

    /** Shown on a terminal only. */
    public synchronized void bottom(String text) {
        if (terminal && !text.equals(bottom)) {
            bottom = text;
            out.print(ERASE_LINE + text);
            out.flush();
        }
    }

    public synchronized void clearBottom() {
        if (bottom != null) {
            out.print(ERASE_LINE);
            out.flush();
            bottom = null;
        }
    }
}
