package dev.respec.model.training;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An adapter in training: its factors and their AdamW moments, on the host. The model computes with the merged weight
 * W + s · B · A, so that dB = s · dW · Aᵀ and dA = s · Bᵀ · dW follow from the merged weight's gradient.
 */
final class LoraFactors {
    private static final String FIRST = "first_moment.";
    private static final String SECOND = "second_moment.";

    private final Checkpoint base;
    private final LoraConfig config;
    private final List<Product> products = new ArrayList<>();

    LoraFactors(Checkpoint base, LoraAdapter adapter) {
        this.base = base;
        this.config = adapter.config();
        adapter.products()
                .forEach((name, product) -> products.add(new Product(
                        name,
                        new Factor(name + ".lora_A", product.down()),
                        new Factor(name + ".lora_B", product.up()))));
    }

    private record Product(String weight, Factor down, Factor up) {}

    /** A [rank, in] or B [out, rank], its moments and the gradient of one step. */
    private static final class Factor {
        private final String name;
        private final long[] shape;
        private float[] values;
        private float[] first;
        private float[] second;
        private float[] gradient = new float[0];

        Factor(String name, HostTensor tensor) {
            this.name = name;
            this.shape = tensor.shape();
            this.values = tensor.toFloats();
            this.first = new float[values.length];
            this.second = new float[values.length];
        }

        double squaredNorm() {
            double sum = 0;
            for (float value : gradient) {
                sum += (double) value * value;
            }
            return sum;
        }

        void update(AdamWSettings settings, double clip, long step) {
            double correction1 = 1 - Math.pow(settings.beta1(), step);
            double correction2 = Math.sqrt(1 - Math.pow(settings.beta2(), step));
            double decay = 1 - settings.learningRate() * settings.weightDecay();
            for (int i = 0; i < values.length; i++) {
                double g = gradient[i] * clip;
                first[i] = (float) (settings.beta1() * first[i] + (1 - settings.beta1()) * g);
                second[i] = (float) (settings.beta2() * second[i] + (1 - settings.beta2()) * g * g);
                double root = Math.sqrt(second[i]) / correction2 + settings.epsilon();
                values[i] = (float) (values[i] * decay - settings.learningRate() / correction1 * first[i] / root);
            }
        }
    }

    /** The factors as they are. */
    LoraAdapter adapter() {
        Map<String, LoraAdapter.Product> adapted = new LinkedHashMap<>();
        for (Product product : products) {
            adapted.put(
                    product.weight(),
                    new LoraAdapter.Product(
                            HostTensor.ofFloats(product.down().values, product.down().shape),
                            HostTensor.ofFloats(product.up().values, product.up().shape)));
        }
        return new LoraAdapter(config, adapted);
    }

    /** The base model with the factors in its weights. */
    Checkpoint merged() {
        return adapter().mergeInto(base);
    }

    /**
     * Clips by the global norm of all factors' gradients and updates the factors. A norm that is not finite changes
     * nothing.
     *
     * @param gradients of the merged weights, by name
     * @param step counts from 1
     * @return the norm before clipping
     */
    double step(Map<String, HostTensor> gradients, AdamWSettings settings, long step) {
        double squares = 0;
        for (Product product : products) {
            HostTensor gradient = gradients.get(product.weight());
            if (gradient == null) {
                throw new IllegalArgumentException("no gradient of " + product.weight());
            }
            differentiate(product, gradient.toFloats());
            squares += product.down().squaredNorm() + product.up().squaredNorm();
        }
        double norm = Math.sqrt(squares);
        if (Double.isFinite(norm)) {
            boolean clips = settings.gradientClip() > 0 && norm > settings.gradientClip();
            double clip = clips ? settings.gradientClip() / (norm + 1e-6) : 1;
            for (Product product : products) {
                product.down().update(settings, clip, step);
                product.up().update(settings, clip, step);
            }
        }
        return norm;
    }

    private void differentiate(Product product, float[] ofWeight) {
        int rank = config.rank();
        int in = (int) product.down().shape[1];
        int out = (int) product.up().shape[0];
        float[] down = product.down().values;
        float[] up = product.up().values;
        float[] ofUp = new float[up.length];
        double[] ofDown = new double[down.length];
        for (int row = 0; row < out; row++) {
            for (int k = 0; k < rank; k++) {
                double factor = config.scale() * up[row * rank + k];
                double sum = 0;
                for (int column = 0; column < in; column++) {
                    float g = ofWeight[row * in + column];
                    sum += (double) g * down[k * in + column];
                    ofDown[k * in + column] += factor * g;
                }
                ofUp[row * rank + k] = (float) (config.scale() * sum);
            }
        }
        product.up().gradient = ofUp;
        product.down().gradient = narrowed(ofDown);
    }

    private static float[] narrowed(double[] values) {
        float[] narrowed = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrowed[i] = (float) values[i];
        }
        return narrowed;
    }

    /** Factors and moments, by name. */
    Map<String, HostTensor> state() {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        for (Factor factor : factors()) {
            state.put(factor.name, HostTensor.ofFloats(factor.values, factor.shape));
            state.put(FIRST + factor.name, HostTensor.ofFloats(factor.first, factor.shape));
            state.put(SECOND + factor.name, HostTensor.ofFloats(factor.second, factor.shape));
        }
        return state;
    }

    /** @throws CheckpointException if the file holds the state of something else */
    void restore(SafetensorsFile stored) {
        for (Factor factor : factors()) {
            HostTensor tensor = stored.tensors().get(factor.name);
            if (tensor == null || !Arrays.equals(tensor.shape(), factor.shape)) {
                throw new CheckpointException("%s: %s: expected %s, found %s; was trainer.lora changed within a run?"
                        .formatted(
                                stored.path(),
                                factor.name,
                                Arrays.toString(factor.shape),
                                tensor == null ? "nothing" : tensor));
            }
            factor.values = tensor.toFloats();
            factor.first = stored.tensor(FIRST + factor.name).toFloats();
            factor.second = stored.tensor(SECOND + factor.name).toFloats();
        }
    }

    private List<Factor> factors() {
        List<Factor> factors = new ArrayList<>();
        products.forEach(product -> factors.addAll(List.of(product.down(), product.up())));
        return factors;
    }
}
