package dev.respec.ops.paper.decoding;

import dev.respec.speculation.Setting;
import java.util.List;

/**
 * The time of a step at one active batch as a function of its setting, c₀ + c₁ s + c₂ s t + c₃ n: s passes of the drafter
 * over t rows each, and a pass of the target over n tokens more than plain decoding. Least squares of the relative error.
 */
final class CostFit {
    private static final int TERMS = 4;

    /** Keeps the equations solvable if the settings do not tell two terms apart. */
    private static final double RIDGE = 1e-9;

    /** No step is faster, whatever the fit says outside of what it has seen. */
    private static final double LEAST_MILLISECONDS = 1e-3;

    private final double[] coefficients;

    private CostFit(double[] coefficients) {
        this.coefficients = coefficients;
    }

    /** A measured step. */
    record Step(Setting setting, double milliseconds) {}

    static CostFit of(List<Step> steps) {
        double[][] equations = new double[TERMS][TERMS + 1];
        for (int i = 0; i < TERMS; i++) {
            equations[i][i] = RIDGE;
        }
        for (Step step : steps) {
            double[] terms = terms(step.setting());
            for (int i = 0; i < TERMS; i++) {
                terms[i] /= step.milliseconds();
            }
            for (int i = 0; i < TERMS; i++) {
                for (int k = 0; k < TERMS; k++) {
                    equations[i][k] += terms[i] * terms[k];
                }
                equations[i][TERMS] += terms[i];
            }
        }
        return new CostFit(solved(equations));
    }

    double milliseconds(Setting setting) {
        double[] terms = terms(setting);
        double sum = 0;
        for (int i = 0; i < TERMS; i++) {
            sum += coefficients[i] * terms[i];
        }
        return Math.max(LEAST_MILLISECONDS, sum);
    }

    private static double[] terms(Setting setting) {
        int depth = setting.draftLength();
        return new double[] {1, depth, (double) depth * setting.branching(), setting.verifiedTokens()};
    }

    /** Gauss-Jordan elimination of symmetric, positive definite equations. */
    private static double[] solved(double[][] equations) {
        for (int pivot = 0; pivot < TERMS; pivot++) {
            for (int row = 0; row < TERMS; row++) {
                double factor = row == pivot ? 0 : equations[row][pivot] / equations[pivot][pivot];
                for (int column = pivot; column <= TERMS; column++) {
                    equations[row][column] -= factor * equations[pivot][column];
                }
            }
        }
        double[] solution = new double[TERMS];
        for (int i = 0; i < TERMS; i++) {
            solution[i] = equations[i][TERMS] / equations[i][i];
        }
        return solution;
    }
}
