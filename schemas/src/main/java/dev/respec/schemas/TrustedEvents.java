package dev.respec.schemas;

import org.apache.avro.util.ClassSecurityValidator;
import org.jspecify.annotations.NullMarked;

/**
 * Avro instantiates only classes it is told to trust. Whoever reads events tells it so first, in a static initialiser;
 * the user needs no flag.
 */
@NullMarked
public final class TrustedEvents {
    static {
        var before = ClassSecurityValidator.getGlobal();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                before, type -> type.getPackageName().equals(TrustedEvents.class.getPackageName())));
    }

    private TrustedEvents() {}

    /** Idempotent: the first call in the process does it. */
    public static void trust() {}
}
