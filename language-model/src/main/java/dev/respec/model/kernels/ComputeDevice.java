package dev.respec.model.kernels;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where models live and compute: the processor, or one CUDA device.
 *
 * @param index of the CUDA device; negative for the processor
 */
public record ComputeDevice(int index) {
    public static final ComputeDevice CPU = new ComputeDevice(-1);

    private static final Pattern SETTING = Pattern.compile("auto|cpu|cuda(?::(\\d{1,3}))?");

    /**
     * The device that a setting asks for. {@code auto} is the first CUDA device that the native library can use, otherwise
     * the processor; it loads the native library only on a machine that has a CUDA driver.
     *
     * @param name of the setting, for messages
     * @throws IllegalArgumentException if the setting is none or the device is not there; the message says what is
     */
    public static ComputeDevice of(String name, String setting) {
        Matcher matcher = SETTING.matcher(setting);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "%s: expected auto, cpu, cuda or cuda:N, got '%s'".formatted(name, setting));
        }
        if (setting.equals("cpu")) {
            return CPU;
        }
        List<String> found = CudaDriver.devices();
        if (setting.equals("auto")) {
            ComputeDevice first = new ComputeDevice(0);
            return !found.isEmpty() && first.obstacle().isEmpty() ? first : CPU;
        }
        String number = matcher.group(1);
        ComputeDevice asked = new ComputeDevice(number == null ? 0 : Integer.parseInt(number));
        if (asked.index >= found.size()) {
            throw new IllegalArgumentException("%s is %s, but this machine has %s; use auto or cpu%s"
                    .formatted(name, setting, inWords(found), found.isEmpty() ? "" : ", or one of these"));
        }
        asked.obstacle().ifPresent(reason -> {
            throw new IllegalArgumentException(
                    ("%s is %s, and this machine has %s, but the native library cannot use it"
                                    + " (%s); point PYTORCH_LIBRARY_PATH to a libtorch with CUDA, or use cpu")
                            .formatted(name, setting, inWords(found), reason));
        });
        return asked;
    }

    static String inWords(List<String> devices) {
        return switch (devices.size()) {
            case 0 -> "no CUDA device (no driver, or none visible to it)";
            case 1 -> "1 CUDA device: cuda:0 " + devices.get(0);
            default -> devices.size() + " CUDA devices: cuda:0 to cuda:" + (devices.size() - 1) + " " + devices.get(0);
        };
    }

    /** Why the native library cannot use the device; it is asked by making an array there. */
    private Optional<String> obstacle() {
        try (NDManager scope = Torch.manager()) {
            anchor(scope);
            return Optional.empty();
        } catch (EngineException e) {
            return Optional.ofNullable(e.getMessage())
                    .flatMap(message -> message.lines().findFirst())
                    .or(() -> Optional.of("no reason given"));
        }
    }

    /** An array that lies on the device, owned by the manager: what a kernel's {@code reside} takes. */
    NDArray anchor(NDManager owner) {
        if (isCpu()) {
            return NativeArrays.zeros(owner, 1);
        }
        NDArray array = NativeArrays.zeros(owner.newSubManager(Device.gpu(index)), 1);
        array.attach(owner);
        return array;
    }

    public boolean isCpu() {
        return index < 0;
    }

    /** The model of a CUDA device, as its driver names it; empty for the processor. */
    public String model() {
        List<String> devices = isCpu() ? List.of() : CudaDriver.devices();
        return index < devices.size() && !isCpu() ? devices.get(index) : "";
    }

    /**
     * Bytes of memory that a CUDA device has in total; the largest number if its driver does not say.
     *
     * @throws IllegalStateException for the processor
     */
    public long memoryBytes() {
        if (isCpu()) {
            throw new IllegalStateException("memory of the processor is the machine's");
        }
        return CudaDriver.memoryBytes(index);
    }

    /** As a setting names it. */
    @Override
    public String toString() {
        return isCpu() ? "cpu" : "cuda:" + index;
    }
}
