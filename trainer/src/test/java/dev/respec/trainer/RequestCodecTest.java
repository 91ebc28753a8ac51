package dev.respec.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.RolloutRequest;
import dev.respec.stage.config.SamplingSection;
import dev.respec.trainer.admission.Ticket;
import dev.respec.trainer.data.Prompt;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class RequestCodecTest {
    /** The largest whole number up to which every one is a double, as JavaScript's Number.MAX_SAFE_INTEGER says. */
    private static final long LARGEST_EXACT_DOUBLE = (1L << 53) - 1;

    private static final int REQUESTS = 20_000;

    @Test
    void shouldWriteOnlyLongsThatClientsWithDoublesReadExactly() {
        for (long runSeed : new long[] {0, 17, -1, Long.MAX_VALUE, Long.MIN_VALUE}) {
            for (int index = 0; index < REQUESTS; index++) {
                RolloutRequest request = request(runSeed, index);
                for (Schema.Field field : request.getSchema().getFields()) {
                    if (request.get(field.pos()) instanceof Long number) {
                        assertThat(number).as(field.name()).isBetween(-LARGEST_EXACT_DOUBLE, LARGEST_EXACT_DOUBLE);
                    }
                }
            }
        }
    }

    @Test
    void shouldGiveEveryRequestASeedOfItsOwnAndTheSameOneAgain() {
        Set<Long> seeds = new HashSet<>();
        for (int index = 0; index < REQUESTS; index++) {
            seeds.add(request(17, index).getSeed());
        }

        assertThat(seeds).hasSize(REQUESTS);
        assertThat(request(17, 3).getSeed())
                .isEqualTo(request(17, 3).getSeed())
                .isNotEqualTo(request(18, 3).getSeed());
    }

    private static RolloutRequest request(long runSeed, int index) {
        var codec = new RequestCodec("run", 8, new SamplingSection(1.0, 1.0, 0, 64), runSeed);
        var prompt = new Prompt("p", "2+2=", "4", "arithmetic", Map.of());
        return codec.request(new Ticket(index, index, 1), prompt, 0, Instant.EPOCH);
    }
}
