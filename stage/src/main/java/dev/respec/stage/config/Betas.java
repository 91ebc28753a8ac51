package dev.respec.stage.config;

import java.util.List;

/** AdamW's two decay rates. */
final class Betas {
    private Betas() {}

    static List<Double> checked(List<Double> betas) {
        InvalidValue.require(
                betas.size() == 2 && betas.stream().allMatch(beta -> beta >= 0 && beta < 1),
                "betas",
                betas,
                "two numbers from 0 to below 1");
        return List.copyOf(betas);
    }
}
