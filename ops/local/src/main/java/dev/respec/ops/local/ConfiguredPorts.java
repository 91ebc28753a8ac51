package dev.respec.ops.local;

import dev.respec.ops.cluster.Ports;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.LocalSection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** The ports that a local run was told to use. */
final class ConfiguredPorts {
    private ConfiguredPorts() {}

    /**
     * Looks before anything is written or started.
     *
     * @throws ConfigException if one is taken, or two are the same; names the keys
     */
    static void requireFree(LocalSection local) {
        Map<String, Integer> ports = new LinkedHashMap<>();
        ports.put("local.ports.broker", local.ports().broker());
        ports.put("local.ports.registry", local.ports().registry());
        if (local.page()) {
            ports.put("local.ports.page", local.ports().page());
        }
        ports.values().removeIf(port -> port == 0);
        Map<Integer, String> keys = new HashMap<>();
        ports.forEach((key, port) -> {
            String other = keys.put(port, key);
            if (other != null) {
                throw new ConfigException("%s and %s are both %d: give each its own port, or 0 for a free one"
                        .formatted(other, key, port));
            }
            Ports.choose(key, port);
        });
    }
}
