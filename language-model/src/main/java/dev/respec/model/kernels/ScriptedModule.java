package dev.respec.model.kernels;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One instance of a scripted kernel with its own state.
 *
 * <p>Not thread-safe: one thread owns a module and the arrays it hands out.
 */
public final class ScriptedModule implements AutoCloseable {
    static {
        Torch.prepare();
    }

    private final String name;
    private final Model model;
    private final PtSymbolBlock block;

    private ScriptedModule(String name, Model model) {
        this.name = name;
        this.model = model;
        this.block = (PtSymbolBlock) model.getBlock();
    }

    /**
     * Loads a compiled kernel from the class path.
     *
     * @param owner class beside which the file lies
     * @param name file name without ".pt"
     */
    public static ScriptedModule load(Class<?> owner, String name) {
        try (InputStream compiled = owner.getResourceAsStream(name + ".pt")) {
            if (compiled == null) {
                throw new IllegalStateException("kernel " + name + ".pt is missing beside " + owner.getName());
            }
            Model model = Model.newInstance(name, Device.cpu(), "PyTorch");
            model.load(compiled);
            return new ScriptedModule(name, model);
        } catch (IOException e) {
            throw new UncheckedIOException("kernel " + name, e);
        } catch (MalformedModelException e) {
            throw new IllegalStateException("kernel " + name + " cannot be loaded", e);
        }
    }

    /** Makes the module compute on a device; before anything else is asked of it. */
    public ScriptedModule on(ComputeDevice device) {
        try (NDManager scope = manager().newSubManager()) {
            tell("reside", device.anchor(scope));
        }
        return this;
    }

    /** Parent of whatever arrays the caller makes for this module, on the host; lives as long as the module. */
    public NDManager manager() {
        return model.getNDManager();
    }

    /**
     * Runs a method without gradients.
     *
     * @param results owner of the arrays returned
     * @param arguments long, int, double, boolean, long[], double[], NDArray or a List of NDArray each; arrays of
     *     {@link NativeArrays} or of a kernel, so that what the module keeps of them stays
     * @return the tensors returned, flattened; empty when the method returns none
     */
    public NDList call(NDManager results, String method, Object... arguments) {
        try (IValue result = run(method, arguments)) {
            if (result.isTensor() || result.isTensorList() || result.isTuple() || result.isList()) {
                return result.toNDList((PtNDManager) results);
            }
            return new NDList();
        }
    }

    /** Runs a method whose result is of no interest. */
    public void tell(String method, Object... arguments) {
        run(method, arguments).close();
    }

    /** Runs a method that returns a float. */
    public double callForDouble(String method, Object... arguments) {
        try (IValue result = run(method, arguments)) {
            return result.toDouble();
        }
    }

    /**
     * Runs a method with gradients recorded.
     *
     * @param results owner of the arrays returned
     * @param arguments NDArray or a List of NDArray each, of {@link NativeArrays} or of a kernel
     */
    public NDList callWithGradient(NDManager results, String method, Object... arguments) {
        Torch.settle();
        try (NDManager scope = results.newSubManager()) {
            NDArray selector = NativeArrays.of(scope, new float[1]);
            selector.setName("module_method:" + method);
            NDList inputs = new NDList(selector);
            for (int i = 0; i < arguments.length; i++) {
                if (arguments[i] instanceof List<?> arrays) {
                    for (Object array : arrays) {
                        ((NDArray) array).setName("list" + i + "[]");
                        inputs.add((NDArray) array);
                    }
                } else {
                    inputs.add((NDArray) arguments[i]);
                }
            }
            boolean before = JniUtils.isGradMode();
            JniUtils.setGradMode(true);
            try {
                NDList outputs = IValueUtils.forward(block, inputs, true);
                outputs.attach(results);
                return outputs;
            } finally {
                JniUtils.setGradMode(before);
            }
        }
    }

    private IValue run(String method, Object[] arguments) {
        Torch.settle();
        IValue[] values = new IValue[arguments.length];
        try {
            for (int i = 0; i < arguments.length; i++) {
                values[i] = value(arguments[i]);
            }
            return IValueUtils.runMethod(block, method, values);
        } finally {
            for (IValue value : values) {
                if (value != null) {
                    value.close();
                }
            }
        }
    }

    private IValue value(Object argument) {
        if (argument instanceof NDArray array) {
            return IValue.from((PtNDArray) array);
        }
        if (argument instanceof Long || argument instanceof Integer) {
            return IValue.from(((Number) argument).longValue());
        }
        if (argument instanceof Double number) {
            return IValue.from(number.doubleValue());
        }
        if (argument instanceof Boolean flag) {
            return IValue.from(flag.booleanValue());
        }
        if (argument instanceof long[] numbers) {
            return IValue.listFrom(numbers);
        }
        if (argument instanceof double[] numbers) {
            return IValue.listFrom(numbers);
        }
        if (argument instanceof List<?> arrays) {
            return IValue.listFrom(arrays.toArray(new PtNDArray[0]));
        }
        throw new IllegalArgumentException(
                "kernel " + name + " takes no " + argument.getClass().getName());
    }

    @Override
    public void close() {
        model.close();
    }
}
