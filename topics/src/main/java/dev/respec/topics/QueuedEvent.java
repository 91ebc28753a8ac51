package dev.respec.topics;

/**
 * An event taken from a queue, to be accepted or released.
 *
 * @param deliveryCount 1 the first time the event is handed to anyone
 */
public record QueuedEvent<V>(Event<V> event, int deliveryCount) {
    public V value() {
        return event.requireValue();
    }
}
