package dev.respec.scorer.code;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JavaToolchainTest {
    @Test
    void shouldFindTheClassToRun() {
        assertThat(JavaToolchain.mainClass("public class Answer { public static void main(String[] a) {} }"))
                .isEqualTo("Answer");
        assertThat(JavaToolchain.mainClass("class Node {}\nclass Main { public static void main(String[] a) {} }"))
                .isEqualTo("Main");
        assertThat(JavaToolchain.mainClass("class Main { public static void main(String[] a) {} }\nclass Node {}"))
                .isEqualTo("Main");
        assertThat(JavaToolchain.mainClass("int x;")).isEqualTo("Main");
    }
}
