package dev.respec.ops.ui;

import dev.respec.stage.config.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Where the page is served.
 *
 * @param port 0 takes a free one
 * @param token that every request has to show; null on loopback, where it is not needed
 */
public record PageAddress(String host, int port, @Nullable String token) {
    private static final int TOKEN_BYTES = 16;

    public PageAddress {
        if (port < 0 || port > 65_535) {
            throw new ConfigException("port " + port + " is not one: 0 to 65535");
        }
        if (token != null && token.isBlank()) {
            throw new ConfigException("the page's token is empty: name one, or leave --token out");
        }
        if (token == null && !isLoopback(host)) {
            throw new IllegalArgumentException(host + " needs a token");
        }
    }

    /** For this machine only. */
    public static PageAddress loopback(int port) {
        return new PageAddress("127.0.0.1", port, null);
    }

    /**
     * For a host that the user names.
     *
     * @param token null for one that is made here, if the host needs one
     */
    public static PageAddress of(String host, int port, @Nullable String token) {
        return new PageAddress(host, port, token != null || isLoopback(host) ? token : randomToken());
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ConfigException("host '" + host + "' is unknown: name an address of this machine", e);
        }
    }

    /** @throws ConfigException if nothing can be served there, with what to do about it */
    void verifyFree() {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(host, port));
        } catch (IOException e) {
            throw new ConfigException(
                    isOfThisMachine()
                            ? "cannot serve the page at %s:%d (%s): choose another port, 0 takes a free one"
                                    .formatted(host, port, e.getMessage())
                            : "cannot serve the page at %s: this machine does not have that address; choose one it has, 0.0.0.0 takes all"
                                    .formatted(host),
                    e);
        }
    }

    private boolean isOfThisMachine() {
        try {
            InetAddress address = InetAddress.getByName(host);
            return address.isLoopbackAddress()
                    || address.isAnyLocalAddress()
                    || NetworkInterface.getByInetAddress(address) != null;
        } catch (IOException e) {
            return false;
        }
    }

    private static String randomToken() {
        byte[] token = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(token);
        return HexFormat.of().formatHex(token);
    }
}
