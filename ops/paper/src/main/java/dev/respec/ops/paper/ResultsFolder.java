package dev.respec.ops.paper;

import dev.respec.ops.paper.experiment.JsonFile;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.PaperPage;
import dev.respec.ops.paper.findings.PaperText;
import dev.respec.ops.report.Machine;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The folder of {@code --out}: results, page, and what the experiments keep. */
public final class ResultsFolder {
    private final Path root;

    public ResultsFolder(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Content of {@code results.json}. */
    record Results(Machine machine, List<Findings> findings) {}

    public Path root() {
        return root;
    }

    public Path results() {
        return root.resolve("results.json");
    }

    public Path page() {
        return root.resolve("paper.html");
    }

    /** Sentences and tables in Markdown. */
    public Path text() {
        return root.resolve("paper.md");
    }

    /** Data folders of the runs. */
    public Path runs() {
        return root.resolve("runs");
    }

    /** Measurements of decoding. */
    public Path decoding() {
        return root.resolve("decoding");
    }

    /**
     * Creates the folder and tries to write to it, because permissions alone do not tell whether a file system accepts
     * files.
     *
     * @throws BadInputException if it does not
     */
    void requireWritable() {
        try {
            Files.createDirectories(root);
            Files.delete(Files.createTempFile(root, "results", ".new"));
        } catch (IOException e) {
            throw new BadInputException(
                    "--out is %s, which cannot be written to (%s): name another folder"
                            .formatted(root, e.getClass().getSimpleName()),
                    e);
        }
        for (Path file : List.of(results(), page(), text())) {
            if (Files.exists(file) && (Files.isDirectory(file) || !Files.isWritable(file))) {
                throw new BadInputException(
                        "%s cannot be written to: delete it, or name another --out".formatted(file));
            }
        }
    }

    /**
     * What earlier calls found.
     *
     * @throws BadInputException if the file is there and is not ours
     */
    List<Findings> read() {
        if (!Files.exists(results())) {
            return List.of();
        }
        try {
            return JsonFile.read(results(), Results.class).findings();
        } catch (IOException e) {
            throw new BadInputException(
                    "%s cannot be read as results of 'respec paper' (%s): delete it, or name another --out"
                            .formatted(results(), BadInputException.firstLine(e)),
                    e);
        }
    }

    /**
     * Adds findings to those of earlier calls, in place of the same experiment's, and writes file and page.
     *
     * @param order names of all experiments in the order of the page
     */
    void add(Findings findings, List<String> order, Machine machine) {
        List<Findings> all = new ArrayList<>(read());
        all.removeIf(each -> each.experiment().equals(findings.experiment()));
        all.add(findings);
        all.sort(Comparator.comparingInt(each -> order.indexOf(each.experiment())));
        try {
            Files.createDirectories(root);
            JsonFile.write(results(), new Results(machine, all));
            JsonFile.writeText(page(), new PaperPage(all, words(machine)).render());
            JsonFile.writeText(text(), PaperText.render(all, words(machine)));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the results to " + root + ": " + e.getMessage(), e);
        }
    }

    private static String words(Machine machine) {
        return String.format(
                Locale.ROOT,
                "%s, %d cores, %.0f GiB, %s, Java %s, build %s",
                machine.processor(),
                machine.cores(),
                machine.memoryBytes() / Math.pow(1024, 3),
                machine.system(),
                machine.java(),
                machine.revision().isEmpty() ? machine.version() : machine.revision());
    }
}
