package dev.respec.model.vector;

import java.util.Arrays;

/** Adds two arrays on vectors, in a virtual machine that was not told to resolve their module. */
final class VectorModuleProgram {
    private VectorModuleProgram() {}

    public static void main(String[] arguments) {
        if (!VectorModule.available()) {
            System.out.println("unavailable");
            return;
        }
        float[] sums = {1, 2, 3, 4, 5};
        Lanes.add(sums, 0, new float[] {10, 20, 30, 40, 50}, 0, sums.length);
        System.out.println(Arrays.toString(sums));
    }
}
