package dev.respec.stage.config;

import java.net.URI;

/** Addresses of services that are spoken to over HTTP. */
final class HttpAddress {
    private HttpAddress() {}

    /** Empty, or an address with a host. */
    static void requireOrEmpty(String key, String address) {
        InvalidValue.require(
                address.isEmpty() || isHttp(address), key, address, "http://HOST:PORT, https://…, or nothing");
    }

    /** The address with a path at its end. */
    static String withPath(String address, String path) {
        String base = address.endsWith("/") ? address.substring(0, address.length() - 1) : address;
        return base.endsWith(path) ? base : base + path;
    }

    private static boolean isHttp(String address) {
        try {
            URI uri = URI.create(address);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (IllegalArgumentException notAnAddress) {
            return false;
        }
    }
}
