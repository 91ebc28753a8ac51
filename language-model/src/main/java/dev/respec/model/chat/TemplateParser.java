package dev.respec.model.chat;

import dev.respec.model.chat.Statement.Flow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's statements, with the extensions of transformers: {@code break}, {@code continue} and {@code generation}. */
final class TemplateParser {
    private static final Map<String, String> NOT_SUPPORTED = Map.of(
            "autoescape", "a prompt is not HTML",
            "block", "a chat template stands alone",
            "extends", "a chat template stands alone",
            "include", "a chat template stands alone",
            "import", "a chat template stands alone",
            "from", "a chat template stands alone");

    private final TokenStream tokens;
    private final NamesRead names = new NamesRead();
    private final ExpressionParser expressions;
    private int loops;

    private TemplateParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens, names);
    }

    static Statement parse(String template) {
        return new TemplateParser(new TokenStream(TemplateLexer.tokens(template))).until(Set.of());
    }

    /** What stands before one of these tags; the tag's name comes next. */
    private Statement until(Set<String> ends) {
        List<Statement> statements = new ArrayList<>();
        while (!tokens.is(Token.Kind.END)) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA ->
                    statements.add((scope, out) -> {
                        out.append(token.text());
                        return Flow.NEXT;
                    });
                case OUTPUT_BEGIN -> statements.add(output().at(token.line()));
                default -> {
                    if (ends.stream().anyMatch(tokens.peek()::is)) {
                        return Statement.all(statements);
                    }
                    statements.add(block().at(token.line()));
                    tokens.expect(Token.Kind.BLOCK_END);
                }
            }
        }
        if (!ends.isEmpty()) {
            throw tokens.fault("the template ends before "
                    + String.join(" or ", ends.stream().sorted().toList()));
        }
        return Statement.all(statements);
    }

    /** A body with the rest of its opening tag before it; returns the name of the tag behind it, which is read. */
    private Body body(String... ends) {
        tokens.accept(":");
        tokens.expect(Token.Kind.BLOCK_END);
        Statement statements = until(Set.of(ends));
        return new Body(statements, tokens.name());
    }

    private record Body(Statement statements, String end) {}

    private Statement output() {
        Expression value = expressions.tuple(true, false, "");
        tokens.expect(Token.Kind.OUTPUT_END);
        return written(value);
    }

    private static Statement written(Expression value) {
        return (scope, out) -> {
            out.append(PythonText.text(value.value(scope)));
            return Flow.NEXT;
        };
    }

    private Statement block() {
        int line = tokens.line();
        String name = tokens.name();
        return switch (name) {
            case "if" -> condition();
            case "for" -> loop();
            case "set" -> assignment();
            case "macro" -> macro();
            case "call" -> callBlock();
            case "filter" -> filterBlock();
            case "with" -> with();
            case "print" -> print();
            case "generation" -> generation();
            case "break", "continue" -> leave(name);
            default -> {
                String reason = NOT_SUPPORTED.get(name);
                throw new TemplateFault(
                                "the tag '%s' is not supported%s".formatted(name, reason == null ? "" : ": " + reason))
                        .at(line);
            }
        };
    }

    private Statement leave(String name) {
        if (loops == 0) {
            throw tokens.fault("'" + name + "' stands outside of a loop");
        }
        Flow flow = name.equals("break") ? Flow.BREAK : Flow.CONTINUE;
        return (scope, out) -> flow;
    }

    private Statement condition() {
        Expression test = expressions.tuple(false, false, "");
        Body then = body("elif", "else", "endif");
        Statement otherwise = switch (then.end()) {
            case "elif" -> condition();
            case "else" -> body("endif").statements();
            default -> Statement.NOTHING;
        };
        return (scope, out) -> (Values.truth(test.value(scope)) ? then.statements() : otherwise).render(scope, out);
    }

    private Statement loop() {
        Target target = Target.parse(tokens, false);
        tokens.expect("in");
        Expression elements = expressions.tuple(false, false, "recursive");
        Expression condition = tokens.accept("if") ? expressions.expression() : null;
        boolean recursive = tokens.accept("recursive");
        loops++;
        Body body = body("else", "endfor");
        loops--;
        Statement otherwise = body.end().equals("else") ? body("endfor").statements() : Statement.NOTHING;
        return new ForLoop(target, elements, condition, recursive, body.statements(), otherwise);
    }

    private Statement assignment() {
        Target target = Target.parse(tokens, true);
        if (tokens.accept("=")) {
            Expression value = expressions.tuple(true, false, "");
            return (scope, out) -> {
                target.assign(scope, value.value(scope));
                return Flow.NEXT;
            };
        }
        Expression[] text = {scope -> scope.get(TEXT)};
        while (tokens.accept("|")) {
            text[0] = expressions.filter(text[0]);
        }
        Expression filtered = text[0];
        Statement body = separate("endset");
        return (scope, out) -> {
            target.assign(scope, filtered.value(withText(scope, body)));
            return Flow.NEXT;
        };
    }

    // not a name that a template can write
    private static final String TEXT = " text";

    private static Scope withText(Scope scope, Statement body) {
        var inner = new Scope(scope);
        inner.set(TEXT, body.text(scope));
        return inner;
    }

    /** A body that runs apart: no loop around it can be left from within. */
    private Statement separate(String end) {
        int outer = loops;
        loops = 0;
        Statement body = body(end).statements();
        loops = outer;
        return body;
    }

    private Statement filterBlock() {
        Expression text = expressions.filter(scope -> scope.get(TEXT));
        while (tokens.accept("|")) {
            text = expressions.filter(text);
        }
        Expression filtered = text;
        Statement body = separate("endfilter");
        return (scope, out) -> {
            out.append(Values.string(filtered.value(withText(scope, body))));
            return Flow.NEXT;
        };
    }

    private Statement with() {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.is(Token.Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expect(",");
            }
            String name = tokens.name();
            targets.add((scope, value) -> scope.set(name, value));
            tokens.expect("=");
            values.add(expressions.expression());
        }
        Statement body = body("endwith").statements();
        return (scope, out) -> {
            var inner = new Scope(scope);
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(inner, values.get(i).value(scope));
            }
            return body.render(inner, out);
        };
    }

    private Statement print() {
        List<Statement> all = new ArrayList<>();
        while (!tokens.is(Token.Kind.BLOCK_END)) {
            if (!all.isEmpty()) {
                tokens.expect(",");
            }
            all.add(written(expressions.expression()));
        }
        return Statement.all(all);
    }

    /** What the assistant says; the tag marks it for training and has variables of its own. */
    private Statement generation() {
        Statement body = separate("endgeneration");
        return (scope, out) -> {
            out.append(body.text(scope));
            return Flow.NEXT;
        };
    }

    private Statement macro() {
        String name = tokens.name();
        names.enter();
        List<Macro.Parameter> parameters = parameters();
        Statement body = separate("endmacro");
        Set<String> used = names.leave();
        return (scope, out) -> {
            scope.set(name, new Macro(name, parameters, used, body, scope));
            return Flow.NEXT;
        };
    }

    private List<Macro.Parameter> parameters() {
        tokens.expect("(");
        List<Macro.Parameter> parameters = new ArrayList<>();
        Map<String, @Nullable Expression> seen = new HashMap<>();
        while (!tokens.accept(")")) {
            String name = tokens.name();
            Expression fallback = tokens.accept("=") ? expressions.expression() : null;
            boolean afterDefault = seen.values().stream().anyMatch(earlier -> earlier != null);
            if (seen.containsKey(name) || (fallback == null && afterDefault)) {
                throw tokens.fault("the parameter '" + name + "' stands twice or behind one with a default");
            }
            seen.put(name, fallback);
            parameters.add(new Macro.Parameter(name, fallback));
            if (!tokens.peek().is(")")) {
                tokens.expect(",");
            }
        }
        return parameters;
    }

    private Statement callBlock() {
        names.enter();
        List<Macro.Parameter> parameters = tokens.peek().is("(") ? parameters() : List.of();
        names.leave();
        if (!(expressions.expression() instanceof Call call)) {
            throw tokens.fault("a call block needs a call, such as {% call name() %}");
        }
        names.enter();
        Statement body = separate("endcall");
        Set<String> used = names.leave();
        return (scope, out) -> {
            var caller = new Macro("caller", parameters, used, body, scope);
            out.append(Values.string(call.withCaller(scope, caller)));
            return Flow.NEXT;
        };
    }
}
