package dev.respec.schemas.registry;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the schema registry is.
 *
 * @param urls interchangeable addresses of one registry, tried in order; each the folder above {@code /subjects}
 * @param username for basic authentication; null for none
 * @param password never printed
 * @param trustedCertificates PEM file with the certificates to trust instead of the platform's; null for those
 */
public record RegistryConfig(
        List<URI> urls,
        @Nullable String username,
        @Nullable String password,
        @Nullable Path trustedCertificates) {
    public RegistryConfig {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("registry: no url given");
        }
        if ((username == null) != (password == null)) {
            throw new IllegalArgumentException("registry: username and password go together, only one is given");
        }
    }

    /** A registry whose certificate, if it has one, the platform trusts. */
    public RegistryConfig(List<URI> urls, @Nullable String username, @Nullable String password) {
        this(urls, username, password, null);
    }

    /** The same registry, trusted by the certificates of a PEM file only. */
    public RegistryConfig trusting(Path certificates) {
        return new RegistryConfig(urls, username, password, certificates);
    }

    /** A registry without authentication. */
    public static RegistryConfig of(String... urls) {
        return new RegistryConfig(List.of(urls).stream().map(URI::create).toList(), null, null);
    }

    @Override
    public String toString() {
        return "RegistryConfig[urls=" + urls + ", username=" + username + "]";
    }
}
