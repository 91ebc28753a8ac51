package dev.respec.ops.ui;

import dev.respec.ops.replay.RunDatabase;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Answers that all viewers share: computed once per state of the tables. Thread-safe. */
final class SharedAnswers {
    private final Map<String, Answer> answers = new HashMap<>();

    private record Answer(RunDatabase database, long revision, String text) {}

    /** @param make reads the tables; called by one viewer while the others wait for it */
    synchronized String of(String question, RunDatabase database, Supplier<String> make) {
        long revision = database.revision();
        Answer known = answers.get(question);
        if (known == null || known.database() != database || known.revision() != revision) {
            known = new Answer(database, revision, make.get());
            answers.put(question, known);
        }
        return known.text();
    }
}
