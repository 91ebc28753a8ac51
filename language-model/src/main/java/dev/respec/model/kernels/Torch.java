package dev.respec.model.kernels;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import org.jspecify.annotations.Nullable;

/**
 * Process-wide settings of the native library, which is loaded when a kernel or an array is first asked for: machine code
 * decodes without it.
 *
 * <p>What a thread asks for before is done when that thread first runs a kernel.
 */
public final class Torch {
    private static final ThreadLocal<@Nullable Runnable> PENDING = new ThreadLocal<>();
    private static volatile int threads = 1;
    private static volatile ComputeDevice device = ComputeDevice.CPU;
    private static volatile boolean loaded;

    private Torch() {}

    /**
     * Loads the native library from the class path or from where PYTORCH_LIBRARY_PATH points, without network unless
     * {@code -Dai.djl.offline=false} allows it, and without usage reports. Safe to call again.
     */
    public static void prepare() {
        if (System.getProperty("ai.djl.offline") == null) {
            System.setProperty("ai.djl.offline", "true");
        }
        System.setProperty("OPT_OUT_TRACKING", "true");
        if (System.getProperty("ai.djl.pytorch.graph_optimizer") == null) {
            System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        }
        Engine.getEngine("PyTorch");
        loaded = true;
        settle();
    }

    /** Threads one operation may use, for all models of this process. */
    public static void useThreads(int threads) {
        Torch.threads = threads;
        ask(() -> JniUtils.setNumThreads(threads));
    }

    /** Threads asked for last; 1 before. */
    public static int threads() {
        return threads;
    }

    /** Where models live that are loaded from now on, in this process; those that are loaded stay where they are. */
    public static void useDevice(ComputeDevice device) {
        Torch.device = device;
    }

    /** Device asked for last; the processor before. */
    public static ComputeDevice device() {
        return device;
    }

    /** Instead of {@link #enterThread()} for a thread that computes alone what others compute beside it. */
    public static void enterHelper() {
        enterThread();
        ask(() -> JniUtils.setNumThreads(1));
    }

    /** A parent for arrays; whoever asks closes it. */
    public static NDManager manager() {
        prepare();
        return NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    /**
     * Must be called once by each thread that runs kernels: without it the graph optimizer re-specialises on every new
     * shape, and generation has a new shape at every step.
     */
    public static void enterThread() {
        ask(() -> JniUtils.setGraphExecutorOptimize(false));
    }

    /** Does what this thread has asked for; before each call of a kernel. */
    static void settle() {
        Runnable pending = PENDING.get();
        if (pending != null) {
            PENDING.remove();
            pending.run();
        }
    }

    private static void ask(Runnable setting) {
        if (loaded) {
            settle();
            setting.run();
            return;
        }
        Runnable before = PENDING.get();
        PENDING.set(
                before == null
                        ? setting
                        : () -> {
                            before.run();
                            setting.run();
                        });
    }
}
