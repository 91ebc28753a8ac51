package dev.respec.scorer.code;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Holds the files of one response while it is judged, and removes whatever a program leaves there.
 *
 * <ul>
 *   <li>{@code program}: sources and compiled files
 *   <li>{@code root}: mount point of the sandbox
 *   <li>{@code work}: working directory of a program that has no file system of its own
 * </ul>
 */
final class RunFolder implements AutoCloseable {
    /** Path of the program's folder in a command. */
    static final String PROGRAM = "/program";

    private final Path base;

    private RunFolder(Path base) {
        this.base = base;
    }

    /** @param shared whether programs run as another user, who must reach the folder */
    static RunFolder make(boolean shared) {
        try {
            var folder = new RunFolder(Files.createTempDirectory("respec-code-"));
            permit(folder.base, shared ? "rwxr-xr-x" : "rwx------");
            Files.createDirectory(folder.root());
            permit(folder.root(), "rwxr-xr-x");
            Files.createDirectory(folder.program());
            permit(folder.program(), shared ? "rwxrwxrwx" : "rwx------");
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "a folder for programs cannot be made in " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    private static void permit(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    /** Unique on this machine. */
    String name() {
        return String.valueOf(base.getFileName());
    }

    Path root() {
        return base.resolve("root");
    }

    Path program() {
        return base.resolve("program");
    }

    /** A new, empty working directory in place of the last one. */
    Path emptyWork() {
        Path work = base.resolve("work");
        try {
            delete(work);
            Files.createDirectory(work);
            permit(work, "rwxrwxrwx");
            return work;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file beside the program that it cannot reach by name. */
    Path file(String name) {
        return base.resolve(name);
    }

    void write(String name, String source) {
        write(program().resolve(name), source, "rw-r--r--");
    }

    static void write(Path file, String text, String permissions) {
        try {
            // Half of a surrogate pair becomes '?', as Python's and Java's compilers would refuse it.
            Files.write(file, text.getBytes(StandardCharsets.UTF_8));
            permit(file, permissions);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            delete(base);
        } catch (IOException e) {
            throw new UncheckedIOException("files of a program cannot be deleted", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                // A program may take its own folders' permissions away.
                permit(file, "rwx------");
                delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
