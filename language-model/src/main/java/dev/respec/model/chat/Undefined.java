package dev.respec.model.chat;

/**
 * The value of what is not there: false, empty as text, and without attributes.
 *
 * @param why said when it is used as if it were there
 */
record Undefined(String why) {
    static Undefined variable(String name) {
        return new Undefined("'" + name + "' is undefined");
    }

    TemplateFault fault() {
        return new TemplateFault(why);
    }
}
