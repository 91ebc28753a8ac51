package dev.respec.model.chat;

import java.util.List;

/** Something that writes text or sets variables. */
@FunctionalInterface
interface Statement {
    /** How a loop goes on. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }

    Statement NOTHING = (scope, out) -> Flow.NEXT;

    Flow render(Scope scope, StringBuilder out);

    /** One after the other, until one leaves the loop. */
    static Statement all(List<Statement> statements) {
        List<Statement> copy = List.copyOf(statements);
        return (scope, out) -> {
            for (Statement statement : copy) {
                Flow flow = statement.render(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }

    /** This statement, whose faults name the line. */
    default Statement at(int line) {
        return (scope, out) -> {
            try {
                return render(scope, out);
            } catch (TemplateFault e) {
                throw e.at(line);
            }
        };
    }

    /** The text that this statement writes with variables of its own. */
    default String text(Scope scope) {
        var text = new StringBuilder();
        render(new Scope(scope), text);
        return text.toString();
    }
}
