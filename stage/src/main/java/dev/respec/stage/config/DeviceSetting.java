package dev.respec.stage.config;

import java.util.function.BiFunction;
import java.util.regex.Pattern;

/**
 * Where a stage's models are to compute, and the key that says so.
 *
 * @param key in the configuration
 * @param value auto, cpu, cuda or cuda:N
 */
public record DeviceSetting(String key, String value) {
    static final String EXPECTED = "auto, cpu, cuda or cuda:N";
    private static final Pattern VALUE = Pattern.compile("auto|cpu|cuda(:\\d{1,3})?");

    static void require(String key, String value) {
        InvalidValue.require(VALUE.matcher(value).matches(), key, value, EXPECTED);
    }

    static void requireOwn(String value) {
        InvalidValue.require(
                value.isEmpty() || VALUE.matcher(value).matches(),
                "device",
                value,
                EXPECTED + ", or \"\" for model.device");
    }

    /** Whether a device of this name must be there; auto takes what there is. */
    public boolean isNamed() {
        return !value.equals("auto");
    }

    /**
     * The device itself.
     *
     * @param devices finds it by key and value; refuses with an {@link IllegalArgumentException} that says what is there
     * @throws ConfigException if it refuses
     */
    public <T> T resolve(BiFunction<String, String, T> devices) {
        try {
            return devices.apply(key, value);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
    }
}
