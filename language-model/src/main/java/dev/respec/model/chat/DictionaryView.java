package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code keys()}, {@code values()} and {@code items()} of a mapping return. */
record DictionaryView(Map<?, ?> map, Part part) {
    enum Part {
        KEYS,
        VALUES,
        ITEMS
    }

    List<@Nullable Object> elements() {
        List<@Nullable Object> elements = new ArrayList<>();
        map.forEach((key, value) ->
                elements.add(part == Part.KEYS ? key : part == Part.VALUES ? value : Tuple.of(key, value)));
        return elements;
    }

    String text() {
        return "dict_" + part.name().toLowerCase(Locale.ROOT) + "(" + PythonText.representation(elements()) + ")";
    }
}
