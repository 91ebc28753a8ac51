package dev.respec.stage.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;

/** Makes the records from the values. */
final class ConfigBinder {
    private final Map<String, ConfigValue> values;

    ConfigBinder(Map<String, ConfigValue> values) {
        this.values = values;
    }

    <R extends Record> R bind(Class<R> root) {
        return root.cast(section(root, ""));
    }

    private Object section(Class<?> type, String path) {
        var components = type.getRecordComponents();
        var arguments = Arrays.stream(components)
                .map(component -> component(component, path))
                .toArray();
        var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            var constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof InvalidValue invalid) {
                var key = ConfigKeys.join(path, invalid.key());
                var value = values.get(key);
                throw new ConfigException("config: %s%s: %s"
                        .formatted(key, value == null ? "" : " in " + value.origin(), invalid.getMessage()));
            }
            throw new IllegalStateException("cannot make " + type.getSimpleName(), e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot make " + type.getSimpleName(), e);
        }
    }

    private Object component(RecordComponent component, String path) {
        var key = ConfigKeys.join(path, ConfigKeys.kebab(component.getName()));
        if (component.getType().isRecord()) {
            return section(component.getType(), key);
        }
        var value = values.get(key);
        if (value == null) {
            throw new IllegalStateException("default.yaml has no value for " + key);
        }
        return value.as(component.getGenericType());
    }
}
