package dev.respec.ops;

import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.ColorScheme;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Help that breaks its lines between words only. The rules that picocli breaks lines by see the end of a word in the
 * middle of {@code model.drafter} and {@code eagle3:4}; letters stand there while the lines are made.
 */
final class WholeWordHelp extends Help {
    private static final String MARKS = ".:/";
    private static final String LETTERS = "ǃǀǂ";
    private static final Pattern INSIDE_A_WORD = Pattern.compile("[.:/](?=\\S)");

    private WholeWordHelp(CommandSpec spec, ColorScheme colours) {
        super(spec, colours);
    }

    /** Makes the help of a command and of all its subcommands. */
    static void use(CommandLine command) {
        command.setHelpFactory(WholeWordHelp::new);
        restore(command);
    }

    private static void restore(CommandLine command) {
        command.getHelpSectionMap()
                .replaceAll((section, renderer) -> help -> translate(renderer.render(help), LETTERS, MARKS));
        command.getSubcommands().values().forEach(WholeWordHelp::restore);
    }

    @Override
    public IOptionRenderer createDefaultOptionRenderer() {
        IOptionRenderer renderer = super.createDefaultOptionRenderer();
        return (option, labels, colours) -> {
            Text[][] rows = renderer.render(option, labels, colours);
            for (Text[] row : rows) {
                int description = row.length - 1;
                row[description] = colours.text(hide(row[description].toString()));
            }
            return rows;
        };
    }

    private static String hide(String text) {
        return INSIDE_A_WORD.matcher(text).replaceAll(mark -> translate(mark.group(), MARKS, LETTERS));
    }

    private static String translate(String text, String from, String to) {
        int[] characters = text.chars()
                .map(character -> from.indexOf(character) < 0 ? character : to.charAt(from.indexOf(character)))
                .toArray();
        return new String(characters, 0, characters.length);
    }
}
