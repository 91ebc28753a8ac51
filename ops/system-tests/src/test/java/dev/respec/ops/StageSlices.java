package dev.respec.ops;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.util.Set;

/** Assigns the classes of a stage to a slice of its own, and all others to none. */
final class StageSlices implements SliceAssignment {
    private static final Set<String> STAGES = Set.of("worker", "scorer", "controller", "learner", "trainer");
    private static final String ROOT = "dev.respec.";

    @Override
    public String getDescription() {
        return "stages";
    }

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
        if (!type.getPackageName().startsWith(ROOT)) {
            return SliceIdentifier.ignore();
        }
        String stage = type.getPackageName().substring(ROOT.length()).split("\\.", 2)[0];
        return STAGES.contains(stage) ? SliceIdentifier.of(stage) : SliceIdentifier.ignore();
    }
}
