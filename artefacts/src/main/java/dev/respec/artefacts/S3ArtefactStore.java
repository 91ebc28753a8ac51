package dev.respec.artefacts;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Artefacts as objects of a bucket. An object's SHA-256 lies in its metadata, so that what is there already is not sent
 * again; what is fetched is digested here, whatever the store promises. A set of files becomes known only by its event,
 * so a reader finds all of them or hears of none. Thread-safe.
 */
public final class S3ArtefactStore implements ArtefactStore {
    private static final String DIGEST = "sha256";

    private final S3Location root;
    private final S3Client client;
    private final S3Uploads uploads;
    private final S3Errors errors;

    /** @param client is the caller's, and lives as long as the process */
    S3ArtefactStore(S3Location root, S3Client client, S3Uploads uploads) {
        this.root = root;
        this.client = client;
        this.uploads = uploads;
        this.errors = new S3Errors(root);
    }

    @Override
    public StoredArtefact put(String name, Path directory) {
        var what = "artefact " + name;
        var prefix = root.below(name, what);
        return errors.translate(what, () -> {
            var files = new ArrayList<ArtefactFile>();
            for (Path source : ArtefactFiles.of(directory)) {
                var file = ArtefactFiles.describe(source);
                var key = prefix + "/" + file.getName();
                if (!isThere(key, file)) {
                    uploads.upload(root.bucket(), key, source, Map.of(DIGEST, file.getSha256()));
                }
                files.add(file);
            }
            if (files.isEmpty()) {
                throw new BadInputException("%s: folder %s has no files".formatted(what, directory));
            }
            return new StoredArtefact(root.uri(prefix), files);
        });
    }

    @Override
    public Path fetch(WeightUpdate update, Path cacheDirectory) {
        var what = "artefact " + update.getRole() + " version " + update.getVersion();
        var prefix = root.keyOf(update.getUri(), what);
        return errors.translate(what, () -> {
            var folder = cacheDirectory.resolve(prefix);
            Files.createDirectories(folder);
            for (var file : update.getFiles()) {
                var path = folder.resolve(ArtefactFiles.allowed(file.getName()));
                if (!Files.exists(path) || !ArtefactFiles.describe(path).equals(file)) {
                    download(what, prefix + "/" + file.getName(), file, path);
                }
            }
            return folder;
        });
    }

    @Override
    public void delete(String name) {
        var what = "artefact " + name;
        var prefix = root.below(name, what) + "/";
        errors.translate(what, () -> {
            var pages = client.listObjectsV2Paginator(
                    request -> request.bucket(root.bucket()).prefix(prefix));
            List<String> keys = pages.contents().stream().map(S3Object::key).toList();
            for (var key : keys) {
                client.deleteObject(request -> request.bucket(root.bucket()).key(key));
            }
            return keys.size();
        });
    }

    private boolean isThere(String key, ArtefactFile file) {
        try {
            var head =
                    client.headObject(request -> request.bucket(root.bucket()).key(key));
            return head.contentLength() == file.getBytes()
                    && file.getSha256().equals(head.metadata().get(DIGEST));
        } catch (NoSuchKeyException e) {
            return false; // a missing bucket says so when it is written to
        }
    }

    private void download(String what, String key, ArtefactFile file, Path path) throws IOException {
        var part = path.resolveSibling(path.getFileName() + "." + UUID.randomUUID() + ".part");
        try (var object =
                client.getObject(request -> request.bucket(root.bucket()).key(key))) {
            Files.copy(object, part);
            long bytes = Files.size(part);
            var digest = ArtefactFiles.sha256(part);
            if (bytes != file.getBytes() || !digest.equals(file.getSha256())) {
                throw new ArtefactException(
                        "%s: s3://%s/%s has %d bytes and SHA-256 %s, its event says %d and %s"
                                .formatted(what, root.bucket(), key, bytes, digest, file.getBytes(), file.getSha256()),
                        null);
            }
            Files.move(part, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
