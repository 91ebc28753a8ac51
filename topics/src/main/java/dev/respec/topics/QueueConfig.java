package dev.respec.topics;

/**
 * A process's part in a queue.
 *
 * @param groupId share group, without the installation's prefix
 * @param capacity most events held at once, neither accepted nor released
 */
public record QueueConfig(String groupId, int capacity) {
    public QueueConfig {
        if (capacity < 1) {
            throw new IllegalArgumentException("queue capacity " + capacity + ": must be at least 1");
        }
    }
}
