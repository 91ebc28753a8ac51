package dev.respec.scorer.code;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTest {
    private static String python(String response) {
        return Program.of(response, Language.PYTHON).source();
    }

    @Test
    void shouldTakeTheLastBlockOfTheLanguage() {
        assertThat(python("First:\n```python\na = 1\n```\nBetter:\n```python\na = 2\n```\nDone."))
                .isEqualTo("a = 2\n");
        assertThat(python("```python\na = 1\n```\nIt prints\n```text\n1\n```\n"))
                .isEqualTo("a = 1\n");
        assertThat(python("```\na = 1\n```")).isEqualTo("a = 1\n");
    }

    @ParameterizedTest
    @CsvSource({"python", "Python", "py", "python3"})
    void shouldKnowTheNamesOfTheLanguage(String name) {
        assertThat(python("```" + name + "\na = 1\n```\n```js\nlet a\n```")).isEqualTo("a = 1\n");
    }

    @Test
    void shouldTakeABlockOfAnotherNameWhereThereIsNoBetter() {
        assertThat(python("```pseudo\na = 1\n```")).isEqualTo("a = 1\n");
    }

    @Test
    void shouldTakeABlockThatTheResponseDoesNotClose() {
        assertThat(python("```python\na = 1\nb = ")).isEqualTo("a = 1\nb = ");
    }

    @Test
    void shouldTakeTheWholeResponseWhereThereIsNoBlock() {
        var program = Program.of("a = 1\n", Language.PYTHON);

        assertThat(program).isEqualTo(new Program("a = 1\n", false));
        assertThat(python("")).isEmpty();
    }

    @Test
    void shouldReadFencesAsMarkdownDoes() {
        assertThat(python("~~~python\na = '```'\n~~~")).isEqualTo("a = '```'\n");
        assertThat(python("````python\na = '''\n```\n'''\n````")).isEqualTo("a = '''\n```\n'''\n");
        assertThat(python("Use `a` and ```b``` here.")).isEqualTo("Use `a` and ```b``` here.");
        assertThat(python("1. So:\n   ```python\n   if a:\n     b = 1\n   ```")).isEqualTo("if a:\n  b = 1\n");
    }
}
