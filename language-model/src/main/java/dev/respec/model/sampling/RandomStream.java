package dev.respec.model.sampling;

/** The random numbers of one sequence, in the order of use. One thread at a time. */
@FunctionalInterface
public interface RandomStream {
    /** Uniform over [0, 1). */
    double nextDouble();
}
