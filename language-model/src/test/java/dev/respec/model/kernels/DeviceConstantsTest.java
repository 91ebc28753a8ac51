package dev.respec.model.kernels;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kernel computes on the device where its inputs lie: it makes no tensor on a device of its own choice. */
class DeviceConstantsTest {
    private static final Pattern FACTORY = Pattern.compile(
            "torch\\.(zeros|ones|empty|full|arange|tensor|eye|linspace|logspace|rand|randn|randint|randperm|hann_window)\\(");

    private static final Pattern CONSTANT = Pattern.compile("torch\\.device\\(\"|device=\"|\\.cuda\\(|\\.to\\(\"");

    @ParameterizedTest
    @MethodSource("dev.respec.model.kernels.KernelFiles#sources")
    void shouldTakeTheDeviceOfEveryNewTensorFromAnInput(String name) throws IOException {
        String source = new String(KernelFiles.read(name), UTF_8);
        // what __init__ makes is a placeholder that is made when the kernel is compiled
        String methods = source.replaceAll("(?s)def __init__\\(self.*?(?=\\n    @|\\n    def )", "");
        assertThat(callsWithout(methods, "device=")).isEmpty();
        assertThat(CONSTANT.matcher(source).results().map(result -> result.group()))
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.respec.model.kernels.KernelFiles#kernels")
    void shouldHaveNoDeviceInItsCompiledForm(String name, @TempDir Path directory) throws IOException {
        var archive = Files.write(directory.resolve("kernel.zip"), KernelFiles.read(name + ".pt"));
        int modules = 0;
        try (var zip = new ZipFile(archive.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                if (entry.getName().contains("/code/") && entry.getName().endsWith(".py")) {
                    String code = new String(zip.getInputStream(entry).readAllBytes(), UTF_8);
                    assertThat(callsWith(code, "device=None"))
                            .as(entry.getName())
                            .isEmpty();
                    assertThat(CONSTANT.matcher(code).find())
                            .as(entry.getName())
                            .isFalse();
                    modules++;
                }
            }
        }
        assertThat(modules).isPositive();
    }

    private static List<String> callsWithout(String code, String part) {
        return calls(code).stream().filter(call -> !call.contains(part)).toList();
    }

    private static List<String> callsWith(String code, String part) {
        return calls(code).stream().filter(call -> call.contains(part)).toList();
    }

    /** Every call of a factory, to its closing parenthesis. */
    private static List<String> calls(String code) {
        List<String> calls = new ArrayList<>();
        Matcher matcher = FACTORY.matcher(code);
        while (matcher.find()) {
            int depth = 1;
            int end = matcher.end();
            while (depth > 0) {
                char next = code.charAt(end++);
                depth += next == '(' ? 1 : next == ')' ? -1 : 0;
            }
            calls.add(code.substring(matcher.start(), end));
        }
        return calls;
    }
}
