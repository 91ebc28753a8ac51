package dev.respec.ops;

import dev.respec.model.kernels.Torch;
import dev.respec.ops.cluster.ParentWatch;
import dev.respec.ops.cluster.Stages;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads what a stage will need while its supervisor still starts the broker and the registry: on two cores, that is a
 * third of the time to the first rollout. Failing here is no failure; the stage meets the same trouble and says so.
 */
final class WarmUp {
    private static final Logger log = LoggerFactory.getLogger(WarmUp.class);

    private static final List<String> EVERY = List.of(
            "org.apache.kafka.clients.consumer.KafkaConsumer",
            "org.apache.kafka.clients.producer.KafkaProducer",
            "org.apache.kafka.clients.admin.KafkaAdminClient",
            "org.apache.avro.specific.SpecificDatumReader",
            "java.net.http.HttpClient");
    private static final List<String> STREAMS = List.of("org.apache.kafka.streams.KafkaStreams", "org.rocksdb.RocksDB");

    private WarmUp() {}

    static void of(Stages stage) {
        if (!ParentWatch.supervised()) {
            return;
        }
        EVERY.forEach(WarmUp::load);
        if (stage.isStreams()) {
            STREAMS.forEach(WarmUp::load);
        }
        if (stage.carriesModels()) {
            try {
                Torch.prepare();
            } catch (RuntimeException | LinkageError e) {
                log.atDebug().setCause(e).log("Warm-up without the engine");
            }
        }
    }

    private static void load(String className) {
        try {
            Class.forName(className);
        } catch (ClassNotFoundException | LinkageError e) {
            log.atDebug().addKeyValue("class", className).log("Warm-up without a class");
        }
    }
}
