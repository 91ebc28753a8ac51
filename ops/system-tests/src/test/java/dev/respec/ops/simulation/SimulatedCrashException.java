package dev.respec.ops.simulation;

/** The process under simulation is gone; what it had in memory is too. */
public final class SimulatedCrashException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimulatedCrashException() {
        super("simulated crash", null, false, false);
    }
}
