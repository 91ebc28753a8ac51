package dev.respec.model.kernels;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The CUDA devices that this machine's driver shows; asked without loading anything of PyTorch. */
final class CudaDriver {
    private static final int SUCCESS = 0;
    private static final int NAME_BYTES = 256;

    private static final class Found {
        private static final List<Device> DEVICES = ask();
    }

    private record Device(String name, long bytes) {}

    private CudaDriver() {}

    /** Their models in the order of their numbers; empty if there is no driver. Found out once per process. */
    static List<String> devices() {
        return Found.DEVICES.stream().map(Device::name).toList();
    }

    /** Bytes of memory that a device has in total; the largest number if the driver does not say. */
    static long memoryBytes(int ordinal) {
        return Found.DEVICES.get(ordinal).bytes();
    }

    private static List<Device> ask() {
        try {
            NativeLibrary driver = NativeLibrary.getInstance(Platform.isWindows() ? "nvcuda" : "libcuda.so.1");
            IntByReference count = new IntByReference();
            if (call(driver, "cuInit", 0) != SUCCESS || call(driver, "cuDeviceGetCount", count) != SUCCESS) {
                return List.of();
            }
            List<Device> devices = new ArrayList<>();
            for (int device = 0; device < count.getValue(); device++) {
                devices.add(new Device(name(driver, device), bytes(driver, device)));
            }
            return List.copyOf(devices);
        } catch (UnsatisfiedLinkError e) {
            // no driver is installed
            return List.of();
        }
    }

    private static String name(NativeLibrary driver, int ordinal) {
        IntByReference device = new IntByReference();
        byte[] name = new byte[NAME_BYTES];
        boolean known = call(driver, "cuDeviceGet", device, ordinal) == SUCCESS
                && call(driver, "cuDeviceGetName", name, name.length, device.getValue()) == SUCCESS;
        return known ? new String(name, StandardCharsets.UTF_8).split("\0", 2)[0] : "unknown";
    }

    private static long bytes(NativeLibrary driver, int ordinal) {
        IntByReference device = new IntByReference();
        LongByReference bytes = new LongByReference();
        boolean known = call(driver, "cuDeviceGet", device, ordinal) == SUCCESS
                && call(driver, "cuDeviceTotalMem_v2", bytes, device.getValue()) == SUCCESS;
        return known ? bytes.getValue() : Long.MAX_VALUE;
    }

    private static int call(NativeLibrary driver, String function, Object... arguments) {
        Function symbol = driver.getFunction(function);
        return symbol.invokeInt(arguments);
    }
}
