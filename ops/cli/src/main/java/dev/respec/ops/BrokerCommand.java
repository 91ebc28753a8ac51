package dev.respec.ops;

import dev.respec.ops.broker.EmbeddedBroker;
import dev.respec.ops.cluster.DataFolder;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs local mode's broker in this process until it is told to stop. */
@Command(
        name = "broker",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Runs the broker of a data folder.")
final class BrokerCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "0",
            description = "Port to listen at; 0 takes a free one.")
    private int port;

    @Override
    public Integer call() throws InterruptedException {
        DataFolder folder = new DataFolder(configuration.load().run().dataDir());
        EmbeddedBroker broker = EmbeddedBroker.start(folder.kafka(), port, Map.of());
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "broker-stop"));
        System.out.println("broker listens at " + broker.bootstrapServers());
        broker.awaitClose();
        return 0;
    }
}
