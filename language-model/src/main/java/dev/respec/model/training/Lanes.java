package dev.respec.model.training;

import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.Torch;
import dev.respec.model.training.TrainableKernel.Layers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Micro-batches side by side: each lane is a thread and a module with the policy's weights and gradients of its own.
 *
 * <p>Each micro-batch's gradient begins at zero and is added to the total in the order of the micro-batches, so the sum is
 * the same to the bit whatever the number of lanes and whichever is done first. Threads of the native library would wait
 * for each other in every operation instead, which beside other processes is many times slower than one thread.
 */
final class Lanes implements AutoCloseable {
    private final TrainableKernel total;
    private final List<TrainableKernel> kernels = new ArrayList<>();
    private final ExecutorService helpers;

    Lanes(ModelConfig config, TrainableKernel total, Layers layers, int count) {
        this.total = total;
        for (int lane = 0; lane < count; lane++) {
            TrainableKernel kernel = new TrainableKernel(config, layers);
            kernel.share(total);
            kernels.add(kernel);
        }
        helpers = Executors.newFixedThreadPool(Math.max(count - 1, 1), Lanes::helper);
    }

    private static Thread helper(Runnable work) {
        Runnable prepared = () -> {
            Torch.enterHelper();
            work.run();
        };
        Thread thread = new Thread(prepared, "training-lane");
        thread.setDaemon(true);
        return thread;
    }

    int count() {
        return kernels.size();
    }

    int mostDenseTokens() {
        return kernels.get(0).mostDenseTokens();
    }

    void adapt(double scale) {
        kernels.forEach(kernel -> kernel.adapt(scale, 0));
    }

    void useChunksOf(long elements) {
        kernels.forEach(kernel -> kernel.useChunksOf(elements));
    }

    void recomputeActivations() {
        kernels.forEach(TrainableKernel::recomputeActivations);
    }

    List<BatchOutcome> forwardBackward(List<MicroBatchPass> passes) {
        Turns turns = new Turns();
        return run(passes, (kernel, index) -> {
            try {
                BatchOutcome outcome = kernel.forwardBackward(passes.get(index), 0);
                turns.await(index);
                total.takeGradients(kernel);
                return outcome;
            } finally {
                turns.await(index);
                turns.end(index);
            }
        });
    }

    List<BatchOutcome> evaluate(List<SampledBatch> batches, boolean adapted) {
        return run(batches, (kernel, index) -> kernel.evaluate(batches.get(index), adapted));
    }

    private interface Work {
        BatchOutcome compute(TrainableKernel kernel, int index);
    }

    private List<BatchOutcome> run(List<?> items, Work work) {
        AtomicInteger next = new AtomicInteger();
        BatchOutcome[] outcomes = new BatchOutcome[items.size()];
        Consumer<TrainableKernel> lane = kernel -> {
            for (int index = next.getAndIncrement(); index < outcomes.length; index = next.getAndIncrement()) {
                outcomes[index] = work.compute(kernel, index);
            }
        };
        List<Future<?>> others = new ArrayList<>();
        for (TrainableKernel kernel : kernels.subList(1, Math.max(1, Math.min(kernels.size(), items.size())))) {
            others.add(helpers.submit(() -> lane.accept(kernel)));
        }
        try {
            lane.accept(kernels.get(0));
        } finally {
            others.forEach(Lanes::join);
        }
        return List.of(outcomes);
    }

    private static void join(Future<?> lane) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    lane.get();
                    return;
                } catch (InterruptedException e) {
                    // the lane computes on the native heap and must end before anything is closed
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw e.getCause() instanceof RuntimeException cause
                            ? cause
                            : new CompletionException(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        helpers.shutdown();
        kernels.forEach(TrainableKernel::close);
    }

    /** Lets one after the other go on, in the order of their indices. */
    private static final class Turns {
        private int next;

        synchronized void await(int index) {
            boolean interrupted = false;
            while (next < index) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        synchronized void end(int index) {
            next = index + 1;
            notifyAll();
        }
    }
}
