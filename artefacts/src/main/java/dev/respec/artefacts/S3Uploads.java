package dev.respec.artefacts;

import dev.respec.stage.FileSection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * Sends files: small ones at once, large ones in parts, because one request takes 5 GB at most.
 *
 * @param partBytes length of a part, at least the 5 MiB that the interface asks for; larger files go in parts
 */
record S3Uploads(S3Client client, long partBytes) {
    static final long STANDARD_PART_BYTES = 256L << 20;

    void upload(String bucket, String key, Path file, Map<String, String> metadata) throws IOException {
        if (Files.size(file) <= partBytes) {
            client.putObject(request -> request.bucket(bucket).key(key).metadata(metadata), RequestBody.fromFile(file));
        } else {
            inParts(bucket, key, file, metadata);
        }
    }

    private void inParts(String bucket, String key, Path file, Map<String, String> metadata) throws IOException {
        var id = client.createMultipartUpload(
                        request -> request.bucket(bucket).key(key).metadata(metadata))
                .uploadId();
        try {
            var parts = new ArrayList<CompletedPart>();
            long size = Files.size(file);
            for (long from = 0; from < size; from += partBytes) {
                parts.add(part(bucket, key, id, file, from, Math.min(partBytes, size - from), parts.size() + 1));
            }
            client.completeMultipartUpload(request ->
                    request.bucket(bucket).key(key).uploadId(id).multipartUpload(upload -> upload.parts(parts)));
        } catch (RuntimeException | IOException e) {
            client.abortMultipartUpload(
                    request -> request.bucket(bucket).key(key).uploadId(id));
            throw e;
        }
    }

    private CompletedPart part(String bucket, String key, String id, Path file, long from, long length, int number)
            throws IOException {
        var body =
                RequestBody.fromContentProvider(() -> section(file, from, length), length, "application/octet-stream");
        var answer = client.uploadPart(
                request -> request.bucket(bucket)
                        .key(key)
                        .uploadId(id)
                        .partNumber(number)
                        .contentLength(length),
                body);
        return CompletedPart.builder().partNumber(number).eTag(answer.eTag()).build();
    }

    /** Opened again for each attempt. */
    private static InputStream section(Path file, long from, long length) {
        return new FileSection(file, from, length);
    }
}
