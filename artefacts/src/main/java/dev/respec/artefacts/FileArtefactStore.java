package dev.respec.artefacts;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.FolderTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Artefacts in a folder that all processes see. Fetching copies nothing: it verifies in place. */
public final class FileArtefactStore implements ArtefactStore {
    private final Path root;

    public FileArtefactStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    @Override
    public StoredArtefact put(String name, Path directory) {
        var target = inside(root.resolve(name), name);
        var temporary = target.resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
        try {
            Files.createDirectories(temporary);
            var files = new ArrayList<ArtefactFile>();
            for (Path source : ArtefactFiles.of(directory)) {
                var copy = temporary.resolve(
                        ArtefactFiles.allowed(source.getFileName().toString()));
                FolderTree.link(source, copy);
                sync(copy);
                files.add(
                        new ArtefactFile(copy.getFileName().toString(), Files.size(copy), ArtefactFiles.sha256(copy)));
            }
            if (files.isEmpty()) {
                throw new BadInputException("artefact %s: folder %s has no files".formatted(name, directory));
            }
            if (Files.exists(target) && !isStored(target, files)) {
                deleteTree(target); // a step repeated after a crash may leave other bytes under its name
            }
            if (!Files.exists(target)) {
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return new StoredArtefact(target.toUri().toString(), files);
        } catch (IOException e) {
            throw new ArtefactException("artefact %s: cannot be written to %s (%s)".formatted(name, target, e), e);
        } finally {
            deleteTree(temporary);
        }
    }

    @Override
    public Path fetch(WeightUpdate update, Path cacheDirectory) {
        var what = "artefact " + update.getRole() + " version " + update.getVersion();
        var directory = inside(path(update.getUri(), what), what);
        for (var file : update.getFiles()) {
            var path = directory.resolve(ArtefactFiles.allowed(file.getName()));
            try {
                if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                    throw new ArtefactException("%s: no file %s".formatted(what, path), null);
                }
                verify(what, path, "bytes", Files.size(path), file.getBytes());
                verify(what, path, "SHA-256", ArtefactFiles.sha256(path), file.getSha256());
            } catch (IOException e) {
                throw new ArtefactException("%s: cannot read %s (%s)".formatted(what, path, e), e);
            }
        }
        return directory;
    }

    @Override
    public void delete(String name) {
        deleteTree(inside(root.resolve(name), name));
    }

    private static void verify(String what, Path path, String property, Object actual, Object expected) {
        if (!actual.equals(expected)) {
            throw new ArtefactException(
                    "%s: %s has %s %s, its event says %s".formatted(what, path, property, actual, expected), null);
        }
    }

    private Path inside(Path path, String what) {
        var normal = path.normalize();
        if (!normal.startsWith(root) || normal.equals(root)) {
            throw new BadInputException("%s: %s is not below the artefact folder %s: set artefacts.root to the same"
                            .formatted(what, path, root)
                    + " folder in every process");
        }
        return normal;
    }

    private static Path path(String uri, String what) {
        try {
            var parsed = URI.create(uri);
            if ("file".equals(parsed.getScheme())) {
                return Path.of(parsed);
            }
        } catch (IllegalArgumentException e) {
            throw new BadInputException("%s: '%s' is not a URI".formatted(what, uri), e);
        }
        throw new BadInputException("%s: '%s' does not start with file:, the only store here".formatted(what, uri));
    }

    private static boolean isStored(Path target, List<ArtefactFile> files) throws IOException {
        for (var file : files) {
            var path = target.resolve(file.getName());
            if (!Files.isRegularFile(path) || !ArtefactFiles.sha256(path).equals(file.getSha256())) {
                return false;
            }
        }
        return true;
    }

    private static void sync(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void deleteTree(Path directory) {
        try {
            FolderTree.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
