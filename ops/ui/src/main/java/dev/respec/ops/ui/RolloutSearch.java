package dev.respec.ops.ui;

import dev.respec.ops.replay.RunDatabase;
import dev.respec.stage.BadInputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Which rollouts the page shows: conditions that all hold, an order, and a page of the result. Without a condition on
 * the purpose they are those of training.
 */
final class RolloutSearch {
    private static final int PAGE = 50;
    /** Names a row: its offset, and its partition above that. */
    private static final String ROW = "((kafka_partition::BIGINT << 40) | kafka_offset)";

    private static final long OFFSET = (1L << 40) - 1;
    private static final String PURPOSE = "purpose";
    private static final List<String> PURPOSES = List.of("training", "evaluation");
    private static final String COLUMNS = """
            SELECT rollout_id, request_id, prompt_id, left(prompt, 300) AS prompt, left(response, 400) AS response,
              reward, %s AS advantage, response_length, finish_reason, oldest_policy_version AS version,
              drafter_version, worker_id AS worker, reward_error
            """.formatted(RolloutView.ADVANTAGE);

    /** By the parameter's name: the condition, with a question mark for its value, and what the value has to be. */
    private static final Map<String, Condition> CONDITIONS = Map.ofEntries(
            text("prompt", "contains(lower(prompt), lower(?))"),
            text("response", "contains(lower(response), lower(?))"),
            text("request", "request_id = ?"),
            text("finish", "finish_reason = upper(?)"),
            text(
                    "drafted_by",
                    "list_contains(list_transform(list_filter(origin_spans, lambda span: span.origin = 'DRAFTED'),"
                            + " lambda span: span.drafted_by), upper(?))"),
            number("reward_min", "reward >= ?"),
            number("reward_max", "reward <= ?"),
            number("length_min", "response_length >= ?"),
            number("length_max", "response_length <= ?"),
            number("version", "? BETWEEN oldest_policy_version AND newest_policy_version"),
            number("drafter", "drafter_version = ?"),
            number(
                    "step",
                    "request_id IN (SELECT unnest(request_ids) FROM %s WHERE step = ?)".formatted(RolloutView.USES)),
            Map.entry(PURPOSE, new Condition("purpose = upper(?)", RolloutSearch::purpose)));

    private static final Map<String, String> ORDERS = Map.of(
            "newest", "kafka_timestamp DESC, rollout_id",
            "oldest", "kafka_timestamp, rollout_id",
            "best", "reward DESC, rollout_id",
            "worst", "reward, rollout_id",
            "longest", "response_length DESC, rollout_id",
            "shortest", "response_length, rollout_id");

    private final String where;
    private final List<Object> parameters;
    private final String order;
    private final long page;

    private record Condition(String sql, Function<String, Object> value) {}

    private RolloutSearch(String where, List<Object> parameters, String order, long page) {
        this.where = where;
        this.parameters = List.copyOf(parameters);
        this.order = order;
        this.page = page;
    }

    /** @throws BadInputException naming the condition that cannot be asked */
    static RolloutSearch of(Map<String, List<String>> asked) {
        StringBuilder where = new StringBuilder("rollout_id IS NOT NULL");
        List<Object> parameters = new ArrayList<>();
        Map<String, List<String>> all = new LinkedHashMap<>(asked);
        all.merge(PURPOSE, PURPOSES, (named, none) -> named.get(0).isBlank() ? none : named);
        String order = require(ORDERS, "order", "newest");
        long page = 0;
        for (Map.Entry<String, List<String>> each : all.entrySet()) {
            String value = each.getValue().get(0).strip();
            if (value.isEmpty() || each.getKey().equals(PageGuard.TOKEN)) {
                continue;
            }
            if (each.getKey().equals("order")) {
                order = require(ORDERS, "order", value);
            } else if (each.getKey().equals("page")) {
                page = (long) parse("page", value);
            } else {
                Condition condition = require(CONDITIONS, "condition", each.getKey());
                where.append(" AND ").append(condition.sql());
                parameters.add(condition.value().apply(value));
            }
        }
        return new RolloutSearch(where.toString(), parameters, order, page);
    }

    /** {@code {"total": …, "page": …, "size": …, "rows": […]}}. */
    String answer(RunDatabase database) {
        long[] found =
                database.numbers("SELECT %s FROM scores WHERE %s ORDER BY %s".formatted(ROW, where, order), parameters);
        long from = Math.min(found.length, Math.min(page, found.length) * PAGE);
        long[] shown = Arrays.copyOfRange(found, (int) from, (int) Math.min(found.length, from + PAGE));
        List<String> rows = shown.length == 0 ? List.of() : rows(database, shown);
        return "{\"total\":%d,\"page\":%d,\"size\":%d,\"rows\":[%s]}"
                .formatted(found.length, page, PAGE, String.join(",", rows));
    }

    /** Only these rows are read whole. */
    private List<String> rows(RunDatabase database, long[] shown) {
        String offsets = LongStream.of(shown)
                .mapToObj(row -> Long.toString(row & OFFSET))
                .distinct()
                .collect(Collectors.joining(", "));
        String numbers = LongStream.of(shown).mapToObj(Long::toString).collect(Collectors.joining(", "));
        return database.rows(
                COLUMNS
                        + "FROM scores WHERE kafka_offset IN (%s) AND %s IN (%s) ORDER BY %s"
                                .formatted(offsets, ROW, numbers, order),
                List.of());
    }

    private static Map.Entry<String, Condition> text(String name, String sql) {
        return Map.entry(name, new Condition(sql, value -> value));
    }

    private static Map.Entry<String, Condition> number(String name, String sql) {
        return Map.entry(name, new Condition(sql, value -> parse(name, value)));
    }

    private static String purpose(String value) {
        if (!PURPOSES.contains(value)) {
            throw new BadInputException(
                    "rollouts: purpose is '%s': give one of %s".formatted(value, String.join(", ", PURPOSES)));
        }
        return value;
    }

    private static double parse(String name, String value) {
        try {
            double number = Double.parseDouble(value);
            if (Double.isFinite(number) && number >= (name.startsWith("reward") ? -Double.MAX_VALUE : 0)) {
                return number;
            }
        } catch (NumberFormatException notOne) {
            // said below
        }
        throw new BadInputException("rollouts: %s is '%s': give a number".formatted(name, value));
    }

    private static <T> T require(Map<String, T> known, String what, String name) {
        T found = known.get(name);
        if (found == null) {
            throw new BadInputException("rollouts: there is no %s '%s': one of %s"
                    .formatted(
                            what,
                            name,
                            String.join(", ", known.keySet().stream().sorted().toList())));
        }
        return found;
    }
}
