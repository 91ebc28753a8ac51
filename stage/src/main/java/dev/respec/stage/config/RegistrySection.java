package dev.respec.stage.config;

import dev.respec.schemas.registry.RegistryConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

public record RegistrySection(
        List<String> urls, String username, String password, String passwordFile, String trustedCertificates) {
    public RegistrySection {
        urls = List.copyOf(urls);
        InvalidValue.require(!urls.isEmpty(), "urls", urls, "at least one url");
        for (String url : urls) {
            InvalidValue.require(
                    url.matches("https?://\\S+"), "urls", url, "a url that starts with http:// or https://");
            InvalidValue.require(
                    URI.create(url).getUserInfo() == null,
                    "urls",
                    url.replaceAll("//[^/]*@", "//***@"),
                    "a url without a user: name it in registry.username, its password in registry.password-file");
        }
        InvalidValue.require(
                password.isEmpty() || passwordFile.isEmpty(),
                "password-file",
                passwordFile,
                "password or password-file");
        InvalidValue.require(
                username.isEmpty() == (password.isEmpty() && passwordFile.isEmpty()),
                "username",
                username,
                "username and password together, or neither");
    }

    /** Reads the password file if one is named. */
    RegistryConfig access() {
        var uris = urls.stream().map(URI::create).toList();
        var access = username.isEmpty()
                ? new RegistryConfig(uris, null, null)
                : new RegistryConfig(uris, username, passwordFile.isEmpty() ? password : readPassword());
        return trustedCertificates.isEmpty() ? access : access.trusting(certificates());
    }

    private Path certificates() {
        var file = Path.of(trustedCertificates);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new ConfigException(
                    "config: registry.trusted-certificates '%s': expected a readable file of certificates (PEM)"
                            .formatted(trustedCertificates));
        }
        return file;
    }

    private String readPassword() {
        try {
            return Files.readString(Path.of(passwordFile)).strip();
        } catch (IOException e) {
            throw new ConfigException("config: registry.password-file '%s' cannot be read: %s"
                    .formatted(passwordFile, FileFailure.reason(Path.of(passwordFile), e)));
        }
    }

    @Override
    public String toString() {
        return "RegistrySection[%s, %s, %s, %s]".formatted(urls, username, passwordFile, trustedCertificates);
    }
}
