package dev.respec.worker;

import dev.respec.model.ComputeType;

/** What decides how long a step takes: cost tables and settings are kept by it. */
final class DeviceClass {
    private DeviceClass() {}

    /** Processor architecture and threads, for example "amd64-2". */
    static String device(int threads) {
        return System.getProperty("os.arch") + "-" + threads;
    }

    /** Engine and element type, for example "scripted-float32". */
    static String engine(ComputeType type) {
        return "scripted-" + type.name().toLowerCase(java.util.Locale.ROOT);
    }
}
