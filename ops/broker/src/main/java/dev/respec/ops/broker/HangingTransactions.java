package dev.respec.ops.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions that are open in a partition and unknown to their coordinator. A broker that is killed while a
 * transaction ends may leave one behind (seen with 4.3.1 on {@code __consumer_offsets}): whoever reads only what is
 * committed, and a Streams application that asks for its offsets, then waits for ever.
 *
 * <p>One transaction is ended only if two looks find it, because a coordinator that has just started may still be about
 * to end it.
 */
public final class HangingTransactions {
    private static final Logger log = LoggerFactory.getLogger(HangingTransactions.class);
    private static final Set<TransactionState> UNDER_WAY =
            Set.of(TransactionState.ONGOING, TransactionState.PREPARE_ABORT, TransactionState.PREPARE_COMMIT);

    private final Admin admin;
    private Set<Open> suspects = Set.of();

    public HangingTransactions(Admin admin) {
        this.admin = admin;
    }

    private record Open(TopicPartition partition, long producerId, int epoch, int coordinatorEpoch, long startOffset) {}

    /** Aborts what the previous look has found, too. Returns how many. */
    int look() throws ExecutionException, InterruptedException {
        var open = open();
        var underWay = open.isEmpty() ? Map.<Long, TransactionDescription>of() : coordinated();
        var found = new HashSet<Open>();
        for (var each : open) {
            var known = underWay.get(each.producerId());
            if (known == null || !known.topicPartitions().contains(each.partition())) {
                found.add(each);
            }
        }
        var hanging = found.stream().filter(suspects::contains).toList();
        for (var each : hanging) {
            abort(each);
        }
        suspects = found;
        return hanging.size();
    }

    /** Looks so many times, or until interrupted. */
    public void watch(Duration interval, int looks) {
        try {
            for (int i = 0; i < looks; i++) {
                try {
                    look();
                } catch (ExecutionException e) {
                    log.atDebug().addKeyValue("reason", e.toString()).log("Transactions cannot be listed yet");
                }
                Thread.sleep(interval.toMillis());
            }
        } catch (InterruptedException | InterruptException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Open> open() throws ExecutionException, InterruptedException {
        var names = admin.listTopics(new ListTopicsOptions().listInternal(true))
                .names()
                .get();
        var partitions = admin.describeTopics(names).allTopicNames().get().values().stream()
                .flatMap(topic -> IntStream.range(0, topic.partitions().size())
                        .mapToObj(partition -> new TopicPartition(topic.name(), partition)))
                .toList();
        var open = new ArrayList<Open>();
        admin.describeProducers(partitions)
                .all()
                .get()
                .forEach((partition, state) -> state.activeProducers().stream()
                        .filter(producer ->
                                producer.currentTransactionStartOffset().isPresent())
                        .forEach(producer -> open.add(open(partition, producer))));
        return open;
    }

    private static Open open(TopicPartition partition, ProducerState producer) {
        return new Open(
                partition,
                producer.producerId(),
                producer.producerEpoch(),
                producer.coordinatorEpoch().orElse(0),
                producer.currentTransactionStartOffset().orElseThrow());
    }

    /** Transactions that their coordinators are about to end, or wait for, by producer. */
    private Map<Long, TransactionDescription> coordinated() throws ExecutionException, InterruptedException {
        var ids = admin.listTransactions().all().get().stream()
                .filter(listing -> UNDER_WAY.contains(listing.state()))
                .map(listing -> listing.transactionalId())
                .toList();
        var byProducer = new HashMap<Long, TransactionDescription>();
        admin.describeTransactions(ids).all().get().values().stream()
                .filter(description -> UNDER_WAY.contains(description.state()))
                .forEach(description -> byProducer.put(description.producerId(), description));
        return byProducer;
    }

    private void abort(Open open) throws ExecutionException, InterruptedException {
        var spec = new AbortTransactionSpec(
                open.partition(), open.producerId(), (short) open.epoch(), open.coordinatorEpoch());
        admin.abortTransaction(spec).all().get();
        log.atWarn()
                .addKeyValue("topicName", open.partition().topic())
                .addKeyValue("partition", open.partition().partition())
                .addKeyValue("producerId", open.producerId())
                .addKeyValue("startOffset", open.startOffset())
                .log("Transaction that its coordinator does not know is aborted");
    }
}
