package dev.respec.model;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.kernels.Torch;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.model.lora.LoraConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Times what a worker does with an adapter's update: read, merge, pack. Arguments: checkpoint, rank, threads, updates, folder
 * for two adapters.
 */
final class AdapterSwapProgram {
    private AdapterSwapProgram() {}

    public static void main(String[] arguments) throws IOException {
        Checkpoint base = Checkpoint.read(Path.of(arguments[0]));
        int rank = Integer.parseInt(arguments[1]);
        Torch.useThreads(Integer.parseInt(arguments[2]));
        int updates = Integer.parseInt(arguments[3]);
        Path[] folders = new Path[2];
        for (int i = 0; i < folders.length; i++) {
            folders[i] = Path.of(arguments[4], "adapter-" + i);
            random(base, rank, i).write(folders[i]);
        }
        System.out.printf("bytes of an update: %,d%n", Files.size(folders[0].resolve("adapter_model.safetensors")));
        long start = System.nanoTime();
        try (TargetModel model = TargetModel.load(base, 1, 64, ComputeType.BFLOAT16, new int[0])) {
            System.out.printf("load (%s): %.2f s%n", model.kernelName(), (System.nanoTime() - start) / 1e9);
            for (int update = 0; update < updates; update++) {
                long cpu = processorNanos();
                start = System.nanoTime();
                model.adopt(LoraAdapter.policyIn(folders[update % folders.length], base));
                System.out.printf(
                        "update: %.2f s, %.2f processor seconds%n",
                        (System.nanoTime() - start) / 1e9, (processorNanos() - cpu) / 1e9);
            }
        }
    }

    private static LoraAdapter random(Checkpoint base, int rank, long seed) {
        LoraAdapter fresh =
                LoraAdapter.fresh(base, new LoraConfig(rank, 2 * rank, LoraConfig.Scaling.RANK), List.of(), seed);
        Random random = new Random(seed);
        Map<String, LoraAdapter.Product> products = new LinkedHashMap<>();
        fresh.products().forEach((name, product) -> {
            float[] up = new float[Math.toIntExact(product.up().size())];
            for (int i = 0; i < up.length; i++) {
                up[i] = random.nextFloat(-0.01f, 0.01f);
            }
            var filled = HostTensor.ofFloats(up, product.up().shape());
            products.put(name, new LoraAdapter.Product(product.down(), filled));
        });
        return new LoraAdapter(fresh.config(), products);
    }

    private static long processorNanos() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
