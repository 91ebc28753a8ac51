package dev.respec.model.machine;

import static dev.respec.model.machine.Encoding.MAP_0F;
import static dev.respec.model.machine.Encoding.MAP_0F38;
import static dev.respec.model.machine.Encoding.PREFIX_66;
import static dev.respec.model.machine.Encoding.PREFIX_F3;
import static dev.respec.model.machine.Encoding.PREFIX_NONE;

/** What three operands do: to = left and right, or to = to and left and right. */
enum Operation {
    EXCLUSIVE_OR(MAP_0F, PREFIX_66, 0xef),
    AND(MAP_0F, PREFIX_66, 0xdb),
    OR(MAP_0F, PREFIX_66, 0xeb),
    ADD(MAP_0F, PREFIX_NONE, 0x58),
    MULTIPLY(MAP_0F, PREFIX_NONE, 0x59),
    SUBTRACT(MAP_0F, PREFIX_NONE, 0x5c),
    /** Returns the right operand if either is NaN. */
    LEAST(MAP_0F, PREFIX_NONE, 0x5d),
    DIVIDE(MAP_0F, PREFIX_NONE, 0x5e),
    /** Returns the right operand if either is NaN. */
    GREATEST(MAP_0F, PREFIX_NONE, 0x5f),
    /** Of each quarter the first two floats of both operands, in turns. */
    INTERLEAVE_LOW(MAP_0F, PREFIX_NONE, 0x14),
    /** Of each quarter the last two floats of both operands, in turns. */
    INTERLEAVE_HIGH(MAP_0F, PREFIX_NONE, 0x15),
    /** to = left * right + to. */
    ADD_PRODUCT(MAP_0F38, PREFIX_66, 0xb8),
    /** to = to - left * right. */
    SUBTRACT_PRODUCT(MAP_0F38, PREFIX_66, 0xbc),
    /** to = to * left + right. */
    MULTIPLY_ADD(MAP_0F38, PREFIX_66, 0xa8),
    /** to = left * 2^right, right a whole number. */
    SCALE(MAP_0F38, PREFIX_66, 0x2c),
    /** to[i] += left[2i] * right[2i] + left[2i + 1] * right[2i + 1] of bfloat16; VDPBF16PS. */
    ADD_DOTS(MAP_0F38, PREFIX_F3, 0x52);

    private final int map;
    private final int prefix;
    private final int code;

    Operation(int map, int prefix, int code) {
        this.map = map;
        this.prefix = prefix;
        this.code = code;
    }

    /** Which opcode map the instruction is in. */
    int map() {
        return map;
    }

    /** Which mandatory prefix it has. */
    int prefix() {
        return prefix;
    }

    int code() {
        return code;
    }
}
