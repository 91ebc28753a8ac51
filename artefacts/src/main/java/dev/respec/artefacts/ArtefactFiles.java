package dev.respec.artefacts;

import dev.respec.schemas.ArtefactFile;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The files of an artefact, whatever store they go to. */
final class ArtefactFiles {
    private static final int BUFFER_BYTES = 1 << 20;

    private ArtefactFiles() {}

    /** Files of a folder by name; its sub-folders stay behind. */
    static List<Path> of(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** What an event says of the file. */
    static ArtefactFile describe(Path file) throws IOException {
        return new ArtefactFile(allowed(name(file)), Files.size(file), sha256(file));
    }

    /**
     * A plain name of a kind of file that cannot run code when loaded.
     *
     * @throws BadInputException for any other
     */
    static String allowed(String name) {
        boolean plain = name.equals(Path.of(name).getFileName().toString()) && !name.startsWith(".");
        if (!plain || !(name.endsWith(".safetensors") || name.endsWith(".json"))) {
            throw new BadInputException(
                    "artefact file '%s': only *.safetensors and *.json are taken, never pickles".formatted(name));
        }
        return name;
    }

    /** In lower-case hexadecimal. */
    static String sha256(Path file) throws IOException {
        try (var bytes = new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            var buffer = new byte[BUFFER_BYTES];
            while (bytes.read(buffer) >= 0) {
                // the stream digests what passes
            }
            return HexFormat.of().formatHex(bytes.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
