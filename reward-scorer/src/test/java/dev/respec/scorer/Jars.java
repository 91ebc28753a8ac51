package dev.respec.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/** Jars of reward functions, as users build them. */
public final class Jars {
    private static final String SERVICE = "META-INF/services/dev.respec.scorer.reward.RewardFunction";

    private Jars() {}

    /**
     * Puts a jar into a folder.
     *
     * @param body of the method {@code score}, whose argument is {@code input}
     */
    public static void write(Path jars, String className, String rewardName, String constructor, String body)
            throws IOException {
        Path work = Files.createTempDirectory("jar");
        Path source = work.resolve(className + ".java");
        Files.writeString(source, """
                import dev.respec.scorer.reward.*;
                public class %1$s implements RewardFunction {
                    %3$s
                    public String name() { return "%2$s"; }
                    public Reward score(ScoringInput input) { %4$s }
                }
                """.formatted(className, rewardName, constructor, body));
        int result = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-d",
                        work.toString(),
                        source.toString());
        assertThat(result).isZero();
        try (var jar = new JarOutputStream(Files.newOutputStream(jars.resolve(className + ".jar")))) {
            jar.putNextEntry(new JarEntry(className + ".class"));
            jar.write(Files.readAllBytes(work.resolve(className + ".class")));
            jar.putNextEntry(new JarEntry(SERVICE));
            jar.write(className.getBytes(StandardCharsets.UTF_8));
        }
        Files.delete(work.resolve(className + ".class"));
        Files.delete(source);
        Files.delete(work);
    }
}
