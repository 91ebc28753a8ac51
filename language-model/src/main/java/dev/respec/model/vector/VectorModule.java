package dev.respec.model.vector;

/**
 * The JDK's vector module, loaded when it is first asked for: the virtual machine warns of an incubator module that it
 * resolves itself, on every start, and has no option against the warning.
 *
 * <p>Either {@code --add-exports java.base/jdk.internal.module=ALL-UNNAMED} or {@code --add-modules jdk.incubator.vector}
 * makes it available.
 */
final class VectorModule {
    private static final String NAME = "jdk.incubator.vector";
    private static final boolean AVAILABLE = ModuleLayer.boot().findModule(NAME).isPresent() || load();

    private VectorModule() {}

    /** Whether classes of the module can be used; must be asked before the first of them is. */
    static boolean available() {
        return AVAILABLE;
    }

    private static boolean load() {
        try {
            // What the JDK itself loads its management agent with; compiled code gets the same vector instructions.
            Class.forName("jdk.internal.module.Modules")
                    .getMethod("loadModule", String.class)
                    .invoke(null, NAME);
            return true;
        } catch (ReflectiveOperationException e) {
            // not exported to us, not in this Java, or a Java without the module: scripted kernels do the work
            return false;
        }
    }
}
