package dev.respec.schemas.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS that trusts the certificates of a PEM file and no others. */
final class TrustedCertificates {
    private TrustedCertificates() {}

    /** @throws SchemaRegistryException if the file holds no certificates */
    static SSLContext context(Path file) {
        try (var text = Files.newInputStream(file)) {
            var store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(text)) {
                store.setCertificateEntry("trusted-" + store.size(), certificate);
            }
            if (store.size() == 0) {
                throw unusable(file, "no certificate in it", null);
            }
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            var context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw unusable(file, e.toString(), e);
        }
    }

    private static SchemaRegistryException unusable(
            Path file, String reason, @org.jspecify.annotations.Nullable Throwable cause) {
        return new SchemaRegistryException(
                "registry.trusted-certificates %s cannot be used (%s): it takes a PEM file with the certificates to trust"
                        .formatted(file, reason),
                SchemaRegistryException.UNREACHABLE,
                cause);
    }
}
