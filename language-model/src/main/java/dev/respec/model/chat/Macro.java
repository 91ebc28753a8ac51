package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A macro, or the body of a call block, with the scope that it was defined in.
 *
 * @param used names that the body reads; {@code varargs}, {@code kwargs} and {@code caller} among them are given to it
 */
record Macro(String name, List<Parameter> parameters, Set<String> used, Statement body, Scope scope)
        implements Callable, Attributed {
    /** A parameter and what it is without an argument; null makes it undefined. */
    record Parameter(String name, @Nullable Expression fallback) {}

    @Override
    public @Nullable Object call(Arguments arguments) {
        var inner = new Scope(scope);
        Map<String, @Nullable Object> named = new LinkedHashMap<>(arguments.named());
        int places = Math.min(parameters.size(), arguments.positional().size());
        boolean ownCaller = false;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            ownCaller |= parameter.name().equals("caller");
            if (i < places) {
                inner.set(parameter.name(), arguments.positional().get(i));
            } else if (named.containsKey(parameter.name())) {
                inner.set(parameter.name(), named.remove(parameter.name()));
            } else {
                inner.set(parameter.name(), fallback(parameter, inner));
            }
        }
        if (used.contains("caller") && !ownCaller) {
            inner.set(
                    "caller",
                    named.containsKey("caller") ? named.remove("caller") : new Undefined("no caller is defined"));
        }
        giveRest(
                inner,
                named,
                arguments.positional().subList(places, arguments.positional().size()));
        var out = new StringBuilder();
        body.render(inner, out);
        return out.toString();
    }

    private static @Nullable Object fallback(Parameter parameter, Scope inner) {
        Expression fallback = parameter.fallback();
        return fallback == null
                ? new Undefined("the parameter '" + parameter.name() + "' was not given")
                : fallback.value(inner);
    }

    private void giveRest(Scope inner, Map<String, @Nullable Object> named, List<@Nullable Object> rest) {
        if (used.contains("kwargs")) {
            inner.set("kwargs", new LinkedHashMap<@Nullable Object, @Nullable Object>(named));
        } else if (!named.isEmpty()) {
            throw new TemplateFault("the macro '%s' has no parameter '%s'"
                    .formatted(name, named.keySet().iterator().next()));
        }
        if (used.contains("varargs")) {
            inner.set("varargs", new Tuple(rest));
        } else if (!rest.isEmpty()) {
            throw new TemplateFault("the macro '%s' has %d parameters, found %d arguments"
                    .formatted(name, parameters.size(), parameters.size() + rest.size()));
        }
    }

    @Override
    public @Nullable Object attribute(String attribute) {
        List<@Nullable Object> names = new ArrayList<>();
        parameters.forEach(parameter -> names.add(parameter.name()));
        return switch (attribute) {
            case "name" -> name.equals("caller") ? null : name;
            case "arguments" -> new Tuple(names);
            case "catch_kwargs" -> used.contains("kwargs");
            case "catch_varargs" -> used.contains("varargs");
            case "caller" -> used.contains("caller");
            default -> new Undefined("a macro has no attribute '" + attribute + "'");
        };
    }
}
