package dev.respec.ops.console;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What a run shows: lines that stay, and on a terminal one line at the bottom that is redrawn. Thread-safe. */
public final class Console {
    private static final String ERASE_LINE = "\r\u001b[K";

    private final PrintStream out;
    private final boolean terminal;
    private final IntSupplier columns;
    private @Nullable String bottom;
    private boolean bottomEnded;

    private Console(PrintStream out, boolean terminal, IntSupplier columns) {
        this.out = out;
        this.terminal = terminal;
        this.columns = columns;
    }

    /** @param terminal whether the stream ends there; elsewhere lines stay as they are and nothing is redrawn */
    public Console(PrintStream out, boolean terminal) {
        this(out, terminal, terminal ? new TerminalWidth() : () -> Integer.MAX_VALUE);
    }

    /** A terminal of known width. */
    public static Console terminal(PrintStream out, IntSupplier columns) {
        return new Console(out, true, columns);
    }

    /** Standard output; a terminal if both it and standard input are one. */
    public static Console standard() {
        return of(System.out);
    }

    /** Standard error, for commands whose standard output is data; a terminal as {@link #standard} is. */
    public static Console standardError() {
        return of(System.err);
    }

    private static Console of(PrintStream out) {
        return new Console(out, System.console() != null && !"dumb".equals(System.getenv("TERM")));
    }

    public boolean isTerminal() {
        return terminal;
    }

    /** Columns that a line may take. */
    public synchronized int width() {
        return columns.getAsInt();
    }

    public synchronized void line(String text) {
        if (bottom != null) {
            out.print(ERASE_LINE);
        }
        if (terminal) {
            FoldedText.fold(text, width()).forEach(out::println);
        } else {
            out.println(text);
        }
        if (bottom != null) {
            out.print(bottom);
        }
        out.flush();
    }

    /** A step of the start or the end: what, its result, and the seconds since the start. */
    public void step(String name, String result, double seconds) {
        line(String.format(Locale.ROOT, "  %6.1f s  %-11s %s", seconds, name, result));
    }

    /** Shown on a terminal only, in one row: more could not be erased. */
    public synchronized void bottom(String text) {
        if (!terminal || bottomEnded) {
            return;
        }
        String fitting = FoldedText.cut(text, width() - 1);
        if (!fitting.equals(bottom)) {
            bottom = fitting;
            out.print(ERASE_LINE + fitting);
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

    /** Removes the bottom line for good: what other threads still ask for is not shown. */
    public synchronized void endBottom() {
        clearBottom();
        bottomEnded = true;
    }
}
