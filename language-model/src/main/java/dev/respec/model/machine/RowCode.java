package dev.respec.model.machine;

/** Reads and writes a row of floats by vectors, the last of which may be a part; the first mask says which. */
record RowCode(int width) {
    static final int VECTOR = 16;
    static final int VECTOR_BYTES = VECTOR * Float.BYTES;

    int vectors() {
        return (width + VECTOR - 1) / VECTOR;
    }

    int wholeVectors() {
        return width / VECTOR;
    }

    int bytes() {
        return width * Float.BYTES;
    }

    private int tail() {
        return width % VECTOR;
    }

    boolean hasTail() {
        return tail() > 0;
    }

    /** At the beginning of a function; changes RAX. */
    void setMask(Assembler code) {
        if (hasTail()) {
            code.setMask((1 << tail()) - 1);
        }
    }

    /** @param offset of the row, in bytes */
    void load(Assembler code, int to, int vector, Register base, int offset) {
        int at = offset + vector * VECTOR_BYTES;
        if (vector < wholeVectors()) {
            code.loadVector(to, base, at);
        } else {
            code.loadMasked(to, base, at);
        }
    }

    /** @param offset of the row, in bytes */
    void store(Assembler code, int from, int vector, Register base, int offset) {
        int at = offset + vector * VECTOR_BYTES;
        if (vector < wholeVectors()) {
            code.storeVector(from, base, at);
        } else {
            code.storeMasked(from, base, at);
        }
    }
}
