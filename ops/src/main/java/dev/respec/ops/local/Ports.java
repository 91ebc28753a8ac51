package dev.respec.ops.local;

import dev.respec.stage.BadInputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Chooses the ports of local mode's broker and registry. */
final class Ports {
    private Ports() {}

    /**
     * The configured port where it is free, a free one where 0 is configured.
     *
     * @throws BadInputException where the configured port is taken; names the key
     */
    static int choose(String key, int configured) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), configured));
            return socket.getLocalPort();
        } catch (IOException e) {
            if (configured != 0) {
                throw new BadInputException(
                        "port " + configured + " (" + key + ") is taken: stop what listens there, or set " + key
                                + " to another port (0 picks a free one)");
            }
            throw new UncheckedIOException("no free port on this machine: " + e.getMessage(), e);
        }
    }
}
