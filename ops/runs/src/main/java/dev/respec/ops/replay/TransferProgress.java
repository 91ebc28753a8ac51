package dev.respec.ops.replay;

import dev.respec.ops.console.Console;
import dev.respec.ops.console.ProgressBar;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/** How far a transfer is: a bar on a terminal, else a line now and then. One thread. */
public final class TransferProgress {
    private static final Duration REDRAW = Duration.ofMillis(100);
    private static final Duration LINE = Duration.ofSeconds(10);

    private final Console console;
    private final LongSupplier nanoTime;
    private final long begun;
    private long drawn;
    private long done;
    private long total;

    public TransferProgress(Console console) {
        this(console, System::nanoTime);
    }

    TransferProgress(Console console, LongSupplier nanoTime) {
        this.console = console;
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
        this.drawn = begun;
    }

    /** For commands whose standard output is the data. */
    public static TransferProgress onStandardError() {
        return new TransferProgress(Console.standardError());
    }

    /** Shows nothing. */
    public static TransferProgress silent() {
        return new TransferProgress(new Console(new PrintStream(OutputStream.nullOutputStream()), false));
    }

    /** Draws it, unless it was drawn a moment ago; the total may change on the way. */
    public void at(long newDone, long newTotal) {
        done = newDone;
        total = newTotal;
        long now = nanoTime.getAsLong();
        Duration pause = console.isTerminal() ? REDRAW : LINE;
        if (now - drawn < pause.toNanos()) {
            return;
        }
        drawn = now;
        if (console.isTerminal()) {
            console.bottom(text(now));
        } else {
            console.line(text(now));
        }
    }

    /** Takes the bar away. */
    public void end() {
        console.clearBottom();
    }

    /** A line that stays. */
    public void line(String text) {
        console.line(text);
    }

    private String text(long now) {
        double seconds = (now - begun) / 1e9;
        double left = done == 0 ? Double.NaN : seconds * (total - done) / done;
        return ProgressBar.render("record", done, total, left);
    }
}
