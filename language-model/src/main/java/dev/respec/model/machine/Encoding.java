package dev.respec.model.machine;

/** Opcode maps and mandatory prefixes, as the four bytes before an operation on 512 bits number them. */
final class Encoding {
    static final int MAP_0F = 1;
    static final int MAP_0F38 = 2;
    static final int MAP_0F3A = 3;
    static final int PREFIX_NONE = 0;
    static final int PREFIX_66 = 1;
    static final int PREFIX_F3 = 2;

    private Encoding() {}
}
