package dev.respec.model.kernels;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/** Process-wide settings of the native library. */
public final class Torch {
    private static volatile int threads = 1;

    private Torch() {}

    /** Loads the native library from the class path, without network and without usage reports. Safe to call again. */
    public static void prepare() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        if (System.getProperty("ai.djl.pytorch.graph_optimizer") == null) {
            System.setProperty("ai.djl.pytorch.graph_optimizer", "false");
        }
        Engine.getEngine("PyTorch");
    }

    /** Threads one operation may use, for all models of this process. */
    public static void useThreads(int threads) {
        prepare();
        Torch.threads = threads;
        JniUtils.setNumThreads(threads);
    }

    /** Threads asked for last; 1 before. */
    public static int threads() {
        return threads;
    }

    /** Instead of {@link #enterThread()} for a thread that computes alone what others compute beside it. */
    public static void enterHelper() {
        enterThread();
        JniUtils.setNumThreads(1);
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
        prepare();
        JniUtils.setGraphExecutorOptimize(false);
    }
}
