package dev.respec.scorer.code;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Python programs: without user packages or bytecode files, and with the same order of sets every time. */
final class PythonToolchain implements Toolchain {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "program.py";

    private final Sandbox sandbox;
    private final String interpreter;

    /** @param interpreter its path, the same inside of the sandbox */
    PythonToolchain(Sandbox sandbox, String interpreter) {
        this.sandbox = sandbox;
        this.interpreter = interpreter;
    }

    @Override
    public String prepare(Program program, CodeProblem problem, List<CodeTest> tests, RunFolder folder, Duration time) {
        folder.write(FILE, program.source());
        return "";
    }

    @Override
    public Verdict run(Program program, CodeProblem problem, CodeTest test, RunFolder folder, Duration time) {
        if (test instanceof CodeTest.Dialogue dialogue) {
            var result = sandbox.run(run(List.of(RunFolder.PROGRAM + "/" + FILE), dialogue.input(), time), folder);
            return Verdict.ofOutput(result, dialogue.output());
        }
        var statements = (CodeTest.Statements) test;
        String token = UUID.randomUUID().toString();
        String sources = json(List.of(program.source(), problem.setup() + "\n" + statements.source()));
        var result = sandbox.run(run(List.of("-c", PythonSource.RUNNER), token + "\n" + sources + "\n", time), folder);
        return Verdict.ofToken(result, token);
    }

    private ProgramRun run(List<String> arguments, String input, Duration time) {
        var command = new ArrayList<>(List.of(interpreter, "-s", "-B"));
        command.addAll(arguments);
        return new ProgramRun(command, input, ProgramRun.Access.READ, ProgramRun.Memory.ADDRESS_SPACE, time);
    }

    private static String json(List<String> sources) {
        try {
            return JSON.writeValueAsString(sources);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
