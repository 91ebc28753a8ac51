package dev.respec.ops.inputs;

import dev.respec.ops.cluster.Installation;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.util.List;
import java.util.function.Consumer;

/** Turns the {@code builtin:} models of a configuration into folders of the installation. */
public final class InstalledModels {
    private InstalledModels() {}

    /**
     * The configuration with the models' folders. A built-in drafter that does not belong to the policy is left out, with
     * one line about it.
     *
     * @throws BadInputException if a folder is missing, or a drafter of the user's own does not fit
     */
    public static RespecConfig resolve(RespecConfig config, Consumer<String> notices) {
        Installation installation = Installation.current();
        var model = config.model();
        RespecConfig resolved = config.withOverrides(List.of(
                "model.policy=" + installation.resolve("model.policy", model.policy()),
                "model.drafter=" + installation.resolve("model.drafter", model.drafter()),
                "model.smaller=" + installation.resolve("model.smaller", model.smaller())));
        var chosen =
                model.drafter().equals(Installation.DRAFTER) ? ModelInputs.Drafter.DEFAULT : ModelInputs.Drafter.NAMED;
        return ModelInputs.fitting(resolved, chosen, notices);
    }

    /** As {@link #resolve(RespecConfig, Consumer)}, the line on standard error; the drafter must be there. */
    public static RespecConfig resolve(RespecConfig config) {
        ModelInputs.requireMadeDrafter(config);
        return resolve(config, line -> System.err.println("respec: " + line));
    }
}
