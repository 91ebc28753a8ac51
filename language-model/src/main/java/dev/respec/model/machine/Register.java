package dev.respec.model.machine;

/** The registers that a function may change without keeping their values; RDI holds its argument. */
enum Register {
    RAX(0),
    RCX(1),
    RDX(2),
    RSI(6),
    RDI(7),
    R8(8),
    R9(9),
    R10(10),
    R11(11);

    final int number;

    Register(int number) {
        this.number = number;
    }

    int low() {
        return number & 7;
    }

    int high() {
        return number >> 3;
    }
}
