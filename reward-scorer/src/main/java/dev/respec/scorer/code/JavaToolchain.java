package dev.respec.scorer.code;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Java programs: compiled once in the sandbox, each test in a virtual machine of its own. */
final class JavaToolchain implements Toolchain {
    private static final Pattern PUBLIC_CLASS = Pattern.compile(
            "(?m)^\\s*public\\s+(?:(?:final|abstract|sealed)\\s+)*(?:class|record|enum|interface)\\s+(\\w+)");
    private static final Pattern CLASS = Pattern.compile("(?m)^\\s*(?:\\w+\\s+)*class\\s+(\\w+)");
    private static final Pattern MAIN = Pattern.compile("\\bstatic\\s+(?:final\\s+)?void\\s+main\\s*\\(");
    private static final String TEST = "RespecTest";
    private static final String CLASSES = RunFolder.PROGRAM + "/classes";
    /** What a virtual machine needs besides its heap, with one thread of each kind. */
    private static final int VIRTUAL_MACHINE_MEGABYTES = 128;

    private final Sandbox sandbox;
    private final String home;
    private final int heapMegabytes;

    /** @param home of the Java platform, the same inside of the sandbox */
    JavaToolchain(Sandbox sandbox, String home, RunLimits limits) {
        this.sandbox = sandbox;
        this.home = home;
        this.heapMegabytes = Math.max(16, limits.memoryMegabytes() - VIRTUAL_MACHINE_MEGABYTES);
    }

    @Override
    public String prepare(Program program, CodeProblem problem, List<CodeTest> tests, RunFolder folder, Duration time) {
        var files = new ArrayList<String>();
        files.add(write(folder, fileName(program.source(), "RespecProgram"), program.source()));
        for (int i = 0; i < tests.size(); i++) {
            if (tests.get(i) instanceof CodeTest.Statements statements) {
                if (isClass(statements.source())) {
                    files.add(write(folder, fileName(statements.source(), "RespecCheck" + i), statements.source()));
                }
                files.add(write(folder, TEST + i + ".java", test(i, problem, statements.source())));
            }
        }
        var command = new ArrayList<>(List.of(home + "/bin/javac"));
        virtualMachine().forEach(option -> command.add("-J" + option));
        command.addAll(List.of("-proc:none", "-nowarn", "-g:none", "-implicit:none", "-encoding", "UTF-8"));
        command.addAll(List.of("-d", CLASSES, "-cp", CLASSES));
        files.stream().distinct().forEach(command::add);
        var result = sandbox.run(
                new ProgramRun(command, "", ProgramRun.Access.WRITE, ProgramRun.Memory.RESIDENT, time), folder);
        return result.succeeded() ? "" : "does not compile: " + result.describe();
    }

    private static String write(RunFolder folder, String name, String source) {
        folder.write(name, source);
        return RunFolder.PROGRAM + "/" + name;
    }

    /** A public class must be in a file of its name; for others any name does that no other file has. */
    private static String fileName(String source, String otherwise) {
        Matcher named = PUBLIC_CLASS.matcher(source);
        return (named.find() ? named.group(1) : otherwise) + ".java";
    }

    private static boolean isClass(String source) {
        return CLASS.matcher(source).find();
    }

    /** The class whose main method is run: the public one, else the last one before that method. */
    static String mainClass(String source) {
        Matcher named = PUBLIC_CLASS.matcher(source);
        if (named.find()) {
            return named.group(1);
        }
        Matcher main = MAIN.matcher(source);
        int end = main.find() ? main.start() : source.length();
        String found = "Main";
        for (Matcher type = CLASS.matcher(source.substring(0, end)); type.find(); ) {
            found = type.group(1);
        }
        return found;
    }

    private static String test(int number, CodeProblem problem, String source) {
        String body = isClass(source)
                ? mainClass(source) + ".main(new String[0]);"
                : problem.setup() + "\n" + source + (source.stripTrailing().endsWith(";") ? "" : ";");
        return """
                import java.util.*;
                public class %s%d {
                    public static void main(String[] respecArguments) throws Throwable {
                        String respecToken = new Scanner(System.in).nextLine();
                        java.io.PrintStream respecOutput = System.out;
                        System.setOut(new java.io.PrintStream(java.io.OutputStream.nullOutputStream()));
                        { %s }
                        respecOutput.println(respecToken);
                        respecOutput.flush();
                        Runtime.getRuntime().halt(0);
                    }
                }
                """.formatted(TEST, number, body);
    }

    @Override
    public Verdict run(Program program, CodeProblem problem, CodeTest test, RunFolder folder, Duration time) {
        if (test instanceof CodeTest.Dialogue dialogue) {
            return Verdict.ofOutput(
                    start(mainClass(program.source()), dialogue.input(), folder, time), dialogue.output());
        }
        String token = UUID.randomUUID().toString();
        int number = problem.tests().indexOf(test);
        return Verdict.ofToken(start(TEST + number, token + "\n", folder, time), token);
    }

    private ProgramRun.Result start(String mainClass, String input, RunFolder folder, Duration time) {
        var command = new ArrayList<>(List.of(home + "/bin/java"));
        command.addAll(virtualMachine());
        command.addAll(List.of("-ea", "-cp", CLASSES, mainClass));
        return sandbox.run(
                new ProgramRun(command, input, ProgramRun.Access.READ, ProgramRun.Memory.RESIDENT, time), folder);
    }

    private List<String> virtualMachine() {
        return List.of(
                "-Xmx" + heapMegabytes + "m",
                "-Xss1m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ActiveProcessorCount=1",
                "-XX:-UsePerfData",
                "-XX:MaxMetaspaceSize=64m",
                "-XX:ReservedCodeCacheSize=24m");
    }
}
