package dev.respec.schemas.registry;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the schema registry is.
 *
 * @param urls interchangeable addresses of one registry, tried in order; each the folder above {@code /subjects}
 * @param username for basic authentication; null for none
 * @param password never printed
 */
public record RegistryConfig(
        List<URI> urls, @Nullable String username, @Nullable String password) {
    public RegistryConfig {
        urls = List.copyOf(urls);
        if (urls.isEmpty()) {
            throw new IllegalArgumentException("registry: no url given");
        }
        if ((username == null) != (password == null)) {
            throw new IllegalArgumentException("registry: username and password go together, only one is given");
        }
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
