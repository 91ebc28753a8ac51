package dev.respec.scorer.code;

import com.fasterxml.jackson.databind.JsonNode;

/** Python programs that the scorer adds to those of responses. */
final class PythonSource {
    /**
     * Reads a line and a list of sources in JSON, runs the sources one after the other in one scope, and writes the
     * line at the end: a program that ends the process earlier does not pass.
     */
    static final String RUNNER = """
            import json, os, sys
            token = sys.stdin.readline()
            sources = json.loads(sys.stdin.readline())
            report = os.dup(1)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            scope = {"__name__": "program", "__builtins__": __builtins__}
            for number, source in enumerate(sources):
                exec(compile(source, ("program", "test")[number > 0], "exec"), scope)
            os.write(report, token.encode())
            os._exit(0)
            """;

    private PythonSource() {}

    /** Calls a function, or a method of a class Solution, and compares as APPS does: tuples are lists. */
    static String call(String function, JsonNode arguments, JsonNode expected) {
        return """
                import json as _json
                _function = globals().get(%1$s) or getattr(globals()["Solution"](), %1$s)
                _result = _function(*_json.loads(%2$s))
                _result = _json.loads(_json.dumps(_result))
                _expected = _json.loads(%3$s)
                assert _result == _expected or [_result] == _expected
                """.formatted(literal(function), literal(arguments.toString()), literal(expected.toString()));
    }

    /** A string literal, which ASCII escapes keep on one line. */
    static String literal(String text) {
        var literal = new StringBuilder("\"");
        text.codePoints().forEach(character -> {
            if (character == '"' || character == '\\') {
                literal.append('\\').append((char) character);
            } else if (character >= ' ' && character < 127) {
                literal.append((char) character);
            } else {
                literal.append("\\U%08x".formatted(character));
            }
        });
        return literal.append('"').toString();
    }
}
