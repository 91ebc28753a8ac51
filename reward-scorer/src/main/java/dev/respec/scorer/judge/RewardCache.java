package dev.respec.scorer.judge;

import dev.respec.scorer.reward.Reward;
import dev.respec.scorer.reward.ScoringInput;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Rewards by what was judged; the least recently used one is evicted first. A rollout that is scored again after a
 * crash, or a response that occurs twice, asks no service. Thread-safe.
 */
final class RewardCache {
    private final Map<String, Reward> rewards;

    /** @param most entries; 0 keeps none */
    RewardCache(int most) {
        this.rewards = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Reward> eldest) {
                return size() > most;
            }
        };
    }

    synchronized Optional<Reward> get(String key) {
        return Optional.ofNullable(rewards.get(key));
    }

    synchronized void put(String key, Reward reward) {
        rewards.put(key, reward);
    }

    /** The same for the same content. */
    static String key(ScoringInput input) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            add(digest, input.prompt());
            add(digest, input.response());
            add(digest, input.answer());
            add(digest, input.finishReason().name());
            new TreeMap<>(input.metadata()).forEach((name, value) -> {
                add(digest, name);
                add(digest, value);
            });
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /** With its length, so that texts cannot run into each other. */
    private static void add(MessageDigest digest, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        digest.update(bytes);
    }
}
