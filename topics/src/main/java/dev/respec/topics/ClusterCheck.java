package dev.respec.topics;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;

/** Says in one line what keeps a cluster from being used. */
final class ClusterCheck {
    private static final Duration TOPICS_TIMEOUT = Duration.ofSeconds(30);

    private final String servers;
    private final Supplier<Admin> admins;

    ClusterCheck(ClusterConfig config, Supplier<Admin> admins) {
        this.servers = config.bootstrapServers();
        this.admins = admins;
    }

    void verifyBroker(Duration timeout) {
        ask(timeout, admin -> admin.describeCluster().nodes().get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    }

    void verifyTopics(List<String> wanted) {
        var there = ask(
                TOPICS_TIMEOUT,
                admin -> admin.listTopics().names().get(TOPICS_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS));
        var missing = wanted.stream().filter(name -> !there.contains(name)).toList();
        if (!missing.isEmpty()) {
            throw new ClusterUnreachableException(
                    "kafka at %s has no topics %s for this client: create them with 'respec topics apply'"
                            .formatted(servers, String.join(", ", missing)),
                    null);
        }
    }

    private <T> T ask(Duration timeout, Question<T> question) {
        try {
            var admin = admins.get();
            try {
                return question.ask(admin);
            } finally {
                admin.close(Duration.ZERO); // else it waits for the answer that does not come
            }
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            throw new ClusterUnreachableException(unreachable(timeout, e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClusterUnreachableException("interrupted while waiting for kafka at " + servers, e);
        }
    }

    private String unreachable(Duration timeout, Exception error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof AuthenticationException || cause instanceof AuthorizationException) {
            return ("kafka at %s refuses this client (%s): check the security settings under kafka.properties and in"
                            + " kafka.properties-file")
                    .formatted(servers, cause.getMessage());
        }
        if (cause instanceof TimeoutException || cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return "kafka at %s does not answer within %d s: start the broker or set kafka.bootstrap-servers"
                    .formatted(servers, timeout.toSeconds());
        }
        return "kafka at %s cannot be used (%s): check kafka.bootstrap-servers and kafka.properties"
                .formatted(servers, cause.getMessage());
    }

    private interface Question<T> {
        T ask(Admin admin) throws ExecutionException, InterruptedException, TimeoutException;
    }
}
