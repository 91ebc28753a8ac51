package dev.respec.artefacts;

import dev.respec.stage.config.RespecConfig;
import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * Makes S3 stores. A class of its own: it is loaded, and the client's libraries with it, only if a configuration
 * names such a store, so that stages without weights carry none of them.
 */
final class S3Stores {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration SOCKET = Duration.ofSeconds(60);

    private S3Stores() {}

    /** Credentials come from where Amazon's own tools look: environment, profile, role of the machine or the pod. */
    static ArtefactStore open(RespecConfig config) {
        var section = config.artefacts().s3();
        var root = S3Location.parse(config.artefacts().root(), section.endpoint());
        var builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SOCKET))
                // we digest ourselves; checksums that trail a body are unknown to many stores
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        if (!section.endpoint().isEmpty()) {
            builder.endpointOverride(URI.create(section.endpoint())).forcePathStyle(section.pathStyle());
        }
        if (!section.region().isEmpty()) {
            builder.region(Region.of(section.region()));
        } else if (!section.endpoint().isEmpty()) {
            builder.region(Region.US_EAST_1); // signed, and meaningless to a store that is not Amazon's
        }
        var client = builder.build();
        return new S3ArtefactStore(root, client, new S3Uploads(client, S3Uploads.STANDARD_PART_BYTES));
    }
}
