package dev.respec.model.chat;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code value is name}: Jinja's tests that templates use. */
final class Tests {
    private Tests() {}

    static boolean holds(String name, @Nullable Object value, List<@Nullable Object> arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none", "None" -> value == null;
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map<?, ?>;
            case "sequence", "iterable" ->
                value instanceof String
                        || value instanceof Collection<?>
                        || value instanceof Map<?, ?>
                        || value instanceof Undefined;
            case "number" -> Values.isNumber(value);
            case "integer" -> value instanceof Long;
            case "float" -> value instanceof Double;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "callable" -> value instanceof Callable;
            case "odd" -> Math.floorMod(Values.integer(value), 2) == 1;
            case "even" -> Math.floorMod(Values.integer(value), 2) == 0;
            case "divisibleby" -> Math.floorMod(Values.integer(value), Values.integer(arguments.get(0))) == 0;
            case "equalto", "eq", "==" -> Values.equal(value, arguments.get(0));
            case "ne", "!=" -> !Values.equal(value, arguments.get(0));
            case "in" -> Values.contains(arguments.get(0), value);
            default -> throw new TemplateFault("the test '" + name + "' is not supported");
        };
    }
}
