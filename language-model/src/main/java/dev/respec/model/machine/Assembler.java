package dev.respec.model.machine;

import static dev.respec.model.machine.Encoding.MAP_0F;
import static dev.respec.model.machine.Encoding.MAP_0F38;
import static dev.respec.model.machine.Encoding.MAP_0F3A;
import static dev.respec.model.machine.Encoding.PREFIX_66;
import static dev.respec.model.machine.Encoding.PREFIX_F3;
import static dev.respec.model.machine.Encoding.PREFIX_NONE;

import java.io.ByteArrayOutputStream;

/**
 * Bytes of the few x86-64 instructions that the kernels consist of, from AMD's and Intel's manuals.
 *
 * <p>Every memory operand is a register and a displacement of 32 bits. Offsets and immediates are bytes.
 */
final class Assembler {
    private static final int WIDE = 0x48;
    private static final int REGISTER_OPERAND = 0xc0;
    private static final int MEMORY_OPERAND = 0x80;
    private static final int VECTORS_OF_512 = 0x40;
    private static final int BROADCAST = 0x10;
    private static final int FIRST_MASK = 1;
    private static final int ZERO_ELSEWHERE = 0x80;

    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    /** Where the next instruction will stand; what jumps go to. */
    int here() {
        return code.size();
    }

    byte[] bytes() {
        return code.toByteArray();
    }

    /** to = 8 bytes at base + offset. */
    void load(Register to, Register base, int offset) {
        wide(to, base, 0x8b);
        memory(to.low(), base, offset);
    }

    /** 8 bytes at base + offset = from. */
    void store(Register from, Register base, int offset) {
        wide(from, base, 0x89);
        memory(from.low(), base, offset);
    }

    void move(Register to, Register from) {
        registers(0x89, from, to);
    }

    void set(Register to, int value) {
        wide(Register.RAX, to, 0xc7);
        emit(REGISTER_OPERAND | to.low());
        number(value);
    }

    void add(Register to, Register value) {
        registers(0x01, value, to);
    }

    void add(Register to, int value) {
        wide(Register.RAX, to, 0x81);
        emit(REGISTER_OPERAND | to.low());
        number(value);
    }

    /** to = the smaller of both, as addresses. */
    void least(Register to, Register other) {
        registers(0x39, other, to);
        wide(to, other, 0x0f);
        emit(0x47, REGISTER_OPERAND | to.low() << 3 | other.low());
    }

    /** Counts down and jumps back until the count is zero. */
    void repeat(Register count, int from) {
        wide(Register.RAX, count, 0xff);
        emit(0xc8 | count.low());
        jump(0x85, from);
    }

    /** Takes from a count and jumps back while it is positive. */
    void repeatAfter(Register count, int step, int from) {
        add(count, -step);
        jump(0x8f, from);
    }

    /** Code that is passed over when a count is zero. */
    void unlessZero(Register count, Assembler body) {
        registers(0x85, count, count);
        byte[] bytes = body.bytes();
        emit(0x0f, 0x84);
        number(bytes.length);
        code.writeBytes(bytes);
    }

    private void jump(int condition, int to) {
        emit(0x0f, condition);
        number(to - (here() + Integer.BYTES));
    }

    /** Asks for a cache line to be brought near. */
    void prefetch(Register base, int offset) {
        if (base.high() == 1) {
            emit(0x41);
        }
        emit(0x0f, 0x18);
        memory(1, base, offset);
    }

    void returnToCaller() {
        // vzeroupper first: what follows may use narrow vectors
        emit(0xc5, 0xf8, 0x77, 0xc3);
    }

    /** 16 floats, or 32 bfloat16, become zero. */
    void zero(int vector) {
        apply(Operation.EXCLUSIVE_OR, vector, vector, vector);
    }

    /** vector = 64 bytes at base + offset. */
    void loadVector(int vector, Register base, int offset) {
        onMemory(MAP_0F, PREFIX_NONE, 0x10, 0, vector, 0, base, offset);
    }

    /** 64 bytes at base + offset = vector. */
    void storeVector(int vector, Register base, int offset) {
        onMemory(MAP_0F, PREFIX_NONE, 0x11, 0, vector, 0, base, offset);
    }

    /** vector = the floats at base + offset that the first mask says, and zeros. */
    void loadMasked(int vector, Register base, int offset) {
        onMemory(MAP_0F, PREFIX_NONE, 0x10, ZERO_ELSEWHERE | FIRST_MASK, vector, 0, base, offset);
    }

    /** Stores the floats that the first mask says. */
    void storeMasked(int vector, Register base, int offset) {
        onMemory(MAP_0F, PREFIX_NONE, 0x11, FIRST_MASK, vector, 0, base, offset);
    }

    /** The first mask = a bit a float; changes RAX. */
    void setMask(int bits) {
        set(Register.RAX, bits);
        emit(0xc5, 0xf8, 0x92, 0xc8);
    }

    /** vector = the float at base + offset, 16 times. */
    void broadcast(int vector, Register base, int offset) {
        onMemory(MAP_0F38, PREFIX_66, 0x18, 0, vector, 0, base, offset);
    }

    void apply(Operation operation, int to, int left, int right) {
        onRegister(operation.map(), operation.prefix(), operation.code(), to, left, right);
    }

    /** Right is 64 bytes at base + offset. */
    void apply(Operation operation, int to, int left, Register base, int offset) {
        onMemory(operation.map(), operation.prefix(), operation.code(), 0, to, left, base, offset);
    }

    /** Right is the 4 bytes at base + offset, 16 times. */
    void applyBroadcast(Operation operation, int to, int left, Register base, int offset) {
        onMemory(operation.map(), operation.prefix(), operation.code(), BROADCAST, to, left, base, offset);
    }

    /** to = the nearest whole numbers. */
    void round(int to, int from) {
        onRegister(MAP_0F3A, PREFIX_66, 0x08, to, 0, from);
        emit(0);
    }

    /** to = the square roots. */
    void root(int to, int from) {
        onRegister(MAP_0F, PREFIX_NONE, 0x51, to, 0, from);
    }

    /** Each of 16 floats becomes the nearest bfloat16, in the lower half of its place; the upper half is zero. */
    void toBfloat16(int to, int from) {
        onRegister(MAP_0F38, PREFIX_F3, 0x72, to, 0, from);
        // 16 numbers of 16 bits side by side become numbers of 32
        onRegister(MAP_0F38, PREFIX_66, 0x33, to, 0, to);
    }

    /** Each 32 bits of to = from, moved up. */
    void shiftLeft(int to, int from, int bits) {
        // the destination stands where others have their left operand
        onRegister(MAP_0F, PREFIX_66, 0x72, 6, to, from);
        emit(bits);
    }

    /** to = from with its quarters of four floats in the order of the four pairs of bits, lowest first. */
    void orderQuarters(int to, int from, int order) {
        chooseQuarters(to, from, from, order);
    }

    /** to = two quarters of the left, then two of the right, which the four pairs of bits number. */
    void chooseQuarters(int to, int left, int right, int order) {
        onRegister(MAP_0F3A, PREFIX_66, 0x23, to, left, right);
        emit(order);
    }

    /** to = from with the floats of each quarter in that order. */
    void orderWithinQuarters(int to, int from, int order) {
        chooseWithinQuarters(to, from, from, order);
    }

    /** Each quarter of to = two floats of the left's, then two of the right's. */
    void chooseWithinQuarters(int to, int left, int right, int order) {
        onRegister(MAP_0F, PREFIX_NONE, 0xc6, to, left, right);
        emit(order);
    }

    /**
     * Calls the functions of a list, entry after entry, with the address of the entry as their argument, up to the first
     * entry without a function.
     *
     * @param entryBytes from one entry to the next
     * @param functionAt where an entry has the function's address, below 128
     */
    void callEach(int entryBytes, int functionAt) {
        emit(0x53); // push rbx, which the functions keep
        emit(WIDE, 0x89, 0xfb); // rbx = rdi
        int entry = here();
        emit(WIDE, 0x89, 0xdf); // rdi = rbx
        emit(0xff, 0x53, functionAt); // call [rbx + functionAt]
        emit(WIDE, 0x81, 0xc3); // rbx += entryBytes
        number(entryBytes);
        emit(WIDE, 0x83, 0x7b, functionAt, 0); // [rbx + functionAt] against 0
        jump(0x85, entry);
        emit(0x5b, 0xc3); // pop rbx, return
    }

    private void onRegister(int map, int prefix, int operation, int to, int left, int right) {
        vectorPrefix(map, prefix, to, left, 0, right >> 3 & 1, right >> 4);
        emit(operation, REGISTER_OPERAND | (to & 7) << 3 | right & 7);
    }

    private void onMemory(int map, int prefix, int operation, int flags, int to, int left, Register base, int offset) {
        vectorPrefix(map, prefix, to, left, flags, base.high(), 0);
        emit(operation);
        memory(to & 7, base, offset);
    }

    private void registers(int operation, Register from, Register to) {
        wide(from, to, operation);
        emit(REGISTER_OPERAND | from.low() << 3 | to.low());
    }

    private void wide(Register reg, Register base, int operation) {
        emit(WIDE | reg.high() << 2 | base.high(), operation);
    }

    private void memory(int reg, Register base, int offset) {
        emit(MEMORY_OPERAND | reg << 3 | base.low());
        number(offset);
    }

    /** The four bytes before an operation on 512 bits; most register bits are stored inverted. */
    private void vectorPrefix(int map, int prefix, int to, int with, int flags, int baseHigh, int baseHighest) {
        int first = (~to >> 3 & 1) << 7 | (~baseHighest & 1) << 6 | (~baseHigh & 1) << 5 | (~to >> 4 & 1) << 4 | map;
        int second = (~with & 15) << 3 | 4 | prefix;
        int third = VECTORS_OF_512 | flags | (~with >> 4 & 1) << 3;
        emit(0x62, first, second, third);
    }

    private void emit(int... bytes) {
        for (int value : bytes) {
            code.write(value);
        }
    }

    private void number(int value) {
        emit(value, value >> 8, value >> 16, value >> 24);
    }
}
