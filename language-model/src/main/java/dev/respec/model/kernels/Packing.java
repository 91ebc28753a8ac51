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
    private static final Packing FLOAT32 = new Packing(works(false, false), false);
    private static final Packing BFLOAT16 = of16();

    /** Found out once a process, by doing it. */
    public static Packing float32() {
        return FLOAT32;
    }

    /** Found out once a process, by doing it. */
    public static Packing bfloat16() {
        return BFLOAT16;
    }

    private static Packing of16() {
        boolean packs = works(true, false);
        return new Packing(packs, packs && works(true, true));
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
