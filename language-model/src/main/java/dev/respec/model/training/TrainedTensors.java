package dev.respec.model.training;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.SafetensorsFile;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.training.TrainableKernel.Holding;
import dev.respec.model.training.TrainableKernel.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tensors of a kernel that an optimiser changes, and their state as a file names it. */
final class TrainedTensors {
    private static final Map<Part, String> PREFIXES = new LinkedHashMap<>();

    static {
        PREFIXES.put(Part.VALUE, "");
        PREFIXES.put(Part.FIRST_MOMENT, "first_moment.");
        PREFIXES.put(Part.SECOND_MOMENT, "second_moment.");
    }

    /** What a factor adds to the name of its weight. */
    private static final String DOWN = ".lora_A";

    private static final String UP = ".lora_B";

    private final TrainableKernel kernel;
    private final List<Entry> entries = new ArrayList<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(String name, int place, long[] shape) {}

    private TrainedTensors(TrainableKernel kernel) {
        this.kernel = kernel;
    }

    /** Places all weights of the checkpoint to be trained. */
    static TrainedTensors ofWeights(TrainableKernel kernel, Checkpoint checkpoint) {
        kernel.place(checkpoint, Holding.TRAINED);
        TrainedTensors trained = new TrainedTensors(kernel);
        List<String> names = kernel.names();
        for (int at = 0; at < names.size(); at++) {
            HostTensor tensor = checkpoint.tensors().get(names.get(at));
            if (tensor != null) {
                trained.entries.add(new Entry(names.get(at), at, tensor.shape()));
            }
        }
        return trained;
    }

    /** Places the adapter's factors to be trained, named as their weight with {@code .lora_A} and {@code .lora_B}. */
    static TrainedTensors ofAdapter(TrainableKernel kernel, LoraAdapter adapter) {
        TrainedTensors trained = new TrainedTensors(kernel);
        adapter.products().forEach((weight, product) -> {
            trained.add(weight + DOWN, kernel.downOf(weight), product.down());
            trained.add(weight + UP, kernel.upOf(weight), product.up());
        });
        return trained;
    }

    private void add(String name, int place, HostTensor tensor) {
        kernel.place(place, tensor, Holding.TRAINED);
        entries.add(new Entry(name, place, tensor.shape()));
    }

    /** A part of every tensor by name, read when it is used. */
    Map<String, HostTensor> live(Part part) {
        Map<String, HostTensor> live = new LinkedHashMap<>();
        for (Entry entry : entries) {
            live.put(entry.name(), LiveTensor.of(kernel, part, entry.place(), entry.shape()));
        }
        return live;
    }

    /** Float32 copies of a part of every tensor. */
    Map<String, HostTensor> copies(Part part) {
        Map<String, HostTensor> copies = live(part);
        copies.replaceAll((name, tensor) -> HostTensor.ofFloats(tensor.toFloats(), tensor.shape()));
        return copies;
    }

    /** Copies of an adapter's factors by the weight that they change. */
    Map<String, LoraAdapter.Product> products() {
        Map<String, HostTensor> factors = copies(Part.VALUE);
        Map<String, LoraAdapter.Product> products = new LinkedHashMap<>();
        for (String weight : kernel.names()) {
            HostTensor down = factors.get(weight + DOWN);
            HostTensor up = factors.get(weight + UP);
            if (down != null && up != null) {
                products.put(weight, new LoraAdapter.Product(down, up));
            }
        }
        return products;
    }

    /**
     * Values and, once a step was taken, moments, read while they are written.
     *
     * @param steps optimiser steps taken
     */
    Map<String, HostTensor> state(long steps) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        PREFIXES.forEach((part, prefix) -> {
            if (part == Part.VALUE || steps > 0) {
                live(part).forEach((name, tensor) -> state.put(prefix + name, tensor));
            }
        });
        return state;
    }

    /**
     * Takes the values and moments of a file.
     *
     * @throws CheckpointException if the file holds the state of something else; then nothing is changed
     */
    void restore(SafetensorsFile stored, long steps) {
        for (Entry entry : entries) {
            HostTensor tensor = stored.tensors().get(entry.name());
            if (tensor == null || !Arrays.equals(tensor.shape(), entry.shape())) {
                throw new CheckpointException("%s: %s: expected %s, found %s; was trainer.lora changed within a run?"
                        .formatted(
                                stored.path(),
                                entry.name(),
                                Arrays.toString(entry.shape()),
                                tensor == null ? "nothing" : tensor));
            }
        }
        kernel.forgetMoments();
        PREFIXES.forEach((part, prefix) -> {
            if (part == Part.VALUE || steps > 0) {
                entries.forEach(entry -> kernel.write(part, entry.place(), stored.tensor(prefix + entry.name())));
            }
        });
    }
}
