package dev.respec.ops.cluster;

import dev.respec.stage.config.ConfigException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Chooses the ports of local mode's processes. A process takes its port seconds after it was chosen, so no port is given
 * twice, and free ones are taken from below the range that the operating system gives to outgoing connections.
 */
public final class Ports {
    private static final int LOWEST = 20_000;
    /** Linux starts at 32768, others at 49152. */
    private static final int LOWEST_OUTGOING = 32_768;

    private static final int MOST_TRIES = 1_000;
    private static final Set<Integer> GIVEN = new HashSet<>();

    private Ports() {}

    /**
     * The configured port if it is free, a free one if 0 is configured.
     *
     * @throws ConfigException if the configured port is taken; names the key
     */
    public static synchronized int choose(String key, int configured) {
        if (configured != 0) {
            if (!isFree(configured)) {
                throw new ConfigException(
                        "port " + configured + " (" + key + ") is taken: stop what listens there, or set " + key
                                + " to another port (0 picks a free one)");
            }
            GIVEN.add(configured);
            return configured;
        }
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            int port = ThreadLocalRandom.current().nextInt(LOWEST, LOWEST_OUTGOING);
            if (!GIVEN.contains(port) && isFree(port)) {
                GIVEN.add(port);
                return port;
            }
        }
        throw new ConfigException(
                "no free port between %d and %d on this machine: set %s".formatted(LOWEST, LOWEST_OUTGOING - 1, key));
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }
}
