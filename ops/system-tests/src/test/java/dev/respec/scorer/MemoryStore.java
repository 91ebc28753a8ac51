package dev.respec.scorer;

import java.util.List;
import java.util.TreeMap;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** A state store of a task under exactly-once: goes back to its last commit. */
final class MemoryStore<V> implements KeyValueStore<String, V> {
    private final String name;
    private TreeMap<String, V> entries = new TreeMap<>();
    private TreeMap<String, V> committed = new TreeMap<>();

    MemoryStore(String name) {
        this.name = name;
    }

    void commit() {
        committed = new TreeMap<>(entries);
    }

    void rollBack() {
        entries = new TreeMap<>(committed);
    }

    @Override
    public @Nullable V get(String key) {
        return entries.get(key);
    }

    @Override
    public void put(String key, @Nullable V value) {
        if (value == null) {
            entries.remove(key);
        } else {
            entries.put(key, value);
        }
    }

    @Override
    public @Nullable V putIfAbsent(String key, V value) {
        return entries.putIfAbsent(key, value);
    }

    @Override
    public void putAll(List<KeyValue<String, V>> added) {
        added.forEach(entry -> put(entry.key, entry.value));
    }

    @Override
    public @Nullable V delete(String key) {
        return entries.remove(key);
    }

    @Override
    public KeyValueIterator<String, V> range(String from, String to) {
        return iterator(new TreeMap<>(entries.subMap(from, true, to, true)));
    }

    @Override
    public KeyValueIterator<String, V> all() {
        return iterator(new TreeMap<>(entries));
    }

    private static <V> KeyValueIterator<String, V> iterator(TreeMap<String, V> left) {
        return new KeyValueIterator<>() {
            @Override
            public boolean hasNext() {
                return !left.isEmpty();
            }

            @Override
            public KeyValue<String, V> next() {
                var entry = left.pollFirstEntry();
                return KeyValue.pair(entry.getKey(), entry.getValue());
            }

            @Override
            public String peekNextKey() {
                return left.firstKey();
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public long approximateNumEntries() {
        return entries.size();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {}

    @Override
    public void close() {}

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return true;
    }
}
