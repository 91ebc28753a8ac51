package dev.respec.model.kernels;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;

/**
 * What the native library can do with weight matrices on this machine.
 *
 * @param packs large matrices can be reordered into blocks
 * @param copies a float16 copy for one or two rows is possible
 */
public record Packing(boolean packs, boolean copies) {
    private static final class Float32 {
        private static final Packing FOUND = new Packing(works(false, false), false);
    }

    private static final class Bfloat16 {
        private static final boolean PACKS = works(true, false);
        private static final Packing FOUND = new Packing(PACKS, PACKS && works(true, true));
    }

    /** Of a module that is not on the processor. */
    public static final Packing NONE = new Packing(false, false);

    /** Found out once per process, by doing it. */
    public static Packing float32() {
        return Float32.FOUND;
    }

    /** Found out once per process, by doing it. */
    public static Packing bfloat16() {
        return Bfloat16.FOUND;
    }

    private static boolean works(boolean half, boolean copies) {
        try (ScriptedModule module = ScriptedModule.load(ScriptedModule.class, "decoder");
                NDManager scope = module.manager().newSubManager()) {
            module.call(scope, "probe", half, copies);
            return true;
        } catch (EngineException e) {
            // the operation does not exist in this build or needs instructions the processor lacks
            return false;
        }
    }
}
