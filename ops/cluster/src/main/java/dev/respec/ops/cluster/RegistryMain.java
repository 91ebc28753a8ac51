package dev.respec.ops.cluster;

import java.lang.reflect.Method;

/** Main class of the registry's process: ties it to its supervisor, then runs the registry's own main method. */
public final class RegistryMain {
    private static final String REGISTRY_MAIN = "io.quarkus.runner.GeneratedMain";

    private RegistryMain() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
        ParentWatch.startIfSupervised();
        Method main = Class.forName(REGISTRY_MAIN).getMethod("main", String[].class);
        main.invoke(null, (Object) arguments);
    }
}
