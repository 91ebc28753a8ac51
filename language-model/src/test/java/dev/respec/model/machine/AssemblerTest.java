package dev.respec.model.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the bytes that GNU as 2.40 makes of the same instructions, displacements held at 32 bits. */
class AssemblerTest {
    static Arguments[] instructions() {
        return new Arguments[] {
            of(
                    "mov 0x11223344(%rdi),%rsi",
                    "48 8b b7 44 33 22 11", a -> a.load(Register.RSI, Register.RDI, 0x11223344)),
            of("mov %rax,0x10(%rdi)", "48 89 87 10 00 00 00", a -> a.store(Register.RAX, Register.RDI, 0x10)),
            of("mov %r11,%rax", "4c 89 d8", a -> a.move(Register.RAX, Register.R11)),
            of("mov %rsi,%r8", "49 89 f0", a -> a.move(Register.R8, Register.RSI)),
            of("movq $0x12345,%r9", "49 c7 c1 45 23 01 00", a -> a.set(Register.R9, 0x12345)),
            of("add %r10,%rcx", "4c 01 d1", a -> a.add(Register.RCX, Register.R10)),
            of("add $0x12340,%rdx", "48 81 c2 40 23 01 00", a -> a.add(Register.RDX, 0x12340)),
            of("cmp; cmova %rax,%rcx", "48 39 c1 48 0f 47 c8", a -> a.least(Register.RCX, Register.RAX)),
            of("cmp; cmova %r9,%r11", "4d 39 cb 4d 0f 47 d9", a -> a.least(Register.R11, Register.R9)),
            of("prefetcht0 0x400(%rsi)", "0f 18 8e 00 04 00 00", a -> a.prefetch(Register.RSI, 0x400)),
            of("prefetcht0 0x400(%r8)", "41 0f 18 88 00 04 00 00", a -> a.prefetch(Register.R8, 0x400)),
            of("vpxord %zmm20,%zmm20,%zmm20", "62 a1 5d 40 ef e4", a -> a.zero(20)),
            of("vmovups 0x40(%rsi),%zmm31", "62 61 7c 48 10 be 40 00 00 00", a -> a.loadVector(31, Register.RSI, 0x40)),
            of("vmovups %zmm9,0x40(%r10)", "62 51 7c 48 11 8a 40 00 00 00", a -> a.storeVector(9, Register.R10, 0x40)),
            of(
                    "vmovups %zmm3,0x40(%rax){%k1}",
                    "62 f1 7c 49 11 98 40 00 00 00", a -> a.storeMasked(3, Register.RAX, 0x40)),
            of(
                    "vmovups 0x40(%rsi),%zmm31{%k1}{z}",
                    "62 61 7c c9 10 be 40 00 00 00", a -> a.loadMasked(31, Register.RSI, 0x40)),
            of("vsqrtps %zmm2,%zmm19", "62 e1 7c 48 51 da", a -> a.root(19, 2)),
            of("vunpcklps %zmm1,%zmm18,%zmm3", "62 f1 6c 40 14 d9", a -> a.apply(Operation.INTERLEAVE_LOW, 3, 18, 1)),
            of("vunpckhps %zmm1,%zmm18,%zmm3", "62 f1 6c 40 15 d9", a -> a.apply(Operation.INTERLEAVE_HIGH, 3, 18, 1)),
            of(
                    "vpandd 0x40(%rcx),%zmm3,%zmm3",
                    "62 f1 65 48 db 99 40 00 00 00", a -> a.apply(Operation.AND, 3, 3, Register.RCX, 0x40)),
            of("vshuff32x4 $0x88,%zmm12,%zmm8,%zmm18", "62 c3 3d 48 23 d4 88", a -> a.chooseQuarters(18, 8, 12, 0x88)),
            of(
                    "vshufps $0xee,%zmm18,%zmm16,%zmm5",
                    "62 b1 7c 40 c6 ea ee", a -> a.chooseWithinQuarters(5, 16, 18, 0xee)),
            of(
                    "push %rbx; mov %rdi,%rbx; mov %rbx,%rdi; call *0x78(%rbx); add $0x80,%rbx; cmpq $0,0x78(%rbx);"
                            + " jne; pop %rbx; ret",
                    "53 48 89 fb 48 89 df ff 53 78 48 81 c3 80 00 00 00 48 83 7b 78 00 0f 85 e8 ff ff ff 5b c3",
                    a -> a.callEach(128, 120)),
            of("mov; kmovw %eax,%k1", "48 c7 c0 ff 00 00 00 c5 f8 92 c8", a -> a.setMask(0xff)),
            of("vbroadcastss 0x8(%r8),%zmm17", "62 c2 7d 48 18 88 08 00 00 00", a -> a.broadcast(17, Register.R8, 8)),
            of(
                    "vdpbf16ps 0x14(%rax){1to16},%zmm31,%zmm29",
                    "62 62 06 50 52 a8 14 00 00 00",
                    a -> a.applyBroadcast(Operation.ADD_DOTS, 29, 31, Register.RAX, 0x14)),
            of(
                    "vfmadd231ps 0x100(%rdx){1to16},%zmm31,%zmm7",
                    "62 f2 05 50 b8 ba 00 01 00 00",
                    a -> a.applyBroadcast(Operation.ADD_PRODUCT, 7, 31, Register.RDX, 0x100)),
            of(
                    "vminps 0x40(%r11),%zmm5,%zmm5",
                    "62 d1 54 48 5d ab 40 00 00 00", a -> a.apply(Operation.LEAST, 5, 5, Register.R11, 0x40)),
            of(
                    "vfnmadd231ps %zmm2,%zmm1,%zmm16",
                    "62 e2 75 48 bc c2", a -> a.apply(Operation.SUBTRACT_PRODUCT, 16, 1, 2)),
            of("vfmadd213ps %zmm1,%zmm24,%zmm3", "62 f2 3d 40 a8 d9", a -> a.apply(Operation.MULTIPLY_ADD, 3, 24, 1)),
            of("vmaxps %zmm18,%zmm2,%zmm12", "62 31 6c 48 5f e2", a -> a.apply(Operation.GREATEST, 12, 2, 18)),
            of("vaddps %zmm1,%zmm2,%zmm3", "62 f1 6c 48 58 d9", a -> a.apply(Operation.ADD, 3, 2, 1)),
            of("vmulps %zmm1,%zmm2,%zmm3", "62 f1 6c 48 59 d9", a -> a.apply(Operation.MULTIPLY, 3, 2, 1)),
            of("vsubps %zmm1,%zmm2,%zmm3", "62 f1 6c 48 5c d9", a -> a.apply(Operation.SUBTRACT, 3, 2, 1)),
            of("vdivps %zmm1,%zmm2,%zmm3", "62 f1 6c 48 5e d9", a -> a.apply(Operation.DIVIDE, 3, 2, 1)),
            of("vpord %zmm1,%zmm2,%zmm3", "62 f1 6d 48 eb d9", a -> a.apply(Operation.OR, 3, 2, 1)),
            of("vscalefps %zmm2,%zmm3,%zmm30", "62 62 65 48 2c f2", a -> a.apply(Operation.SCALE, 30, 3, 2)),
            of("vrndscaleps $0,%zmm2,%zmm19", "62 e3 7d 48 08 da 00", a -> a.round(19, 2)),
            of(
                    "vcvtneps2bf16 %zmm8,%ymm8; vpmovzxwd %ymm8,%zmm8",
                    "62 52 7e 48 72 c0 62 52 7d 48 33 c0", a -> a.toBfloat16(8, 8)),
            of("vpslld $16,%zmm9,%zmm25", "62 d1 35 40 72 f1 10", a -> a.shiftLeft(25, 9, 16)),
            of("vshuff32x4 $0x4e,%zmm5,%zmm5,%zmm1", "62 f3 55 48 23 cd 4e", a -> a.orderQuarters(1, 5, 0x4e)),
            of("vshufps $0xb1,%zmm5,%zmm5,%zmm1", "62 f1 54 48 c6 cd b1", a -> a.orderWithinQuarters(1, 5, 0xb1)),
            of("dec %r9; jne to itself", "49 ff c9 0f 85 f7 ff ff ff", a -> a.repeat(Register.R9, 0)),
            of("vzeroupper; ret", "c5 f8 77 c3", Assembler::returnToCaller)
        };
    }

    private static Arguments of(String instruction, String bytes, Consumer<Assembler> emitted) {
        return Arguments.of(instruction, bytes, emitted);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("instructions")
    void shouldEmitTheBytesOfAnAssembler(String instruction, String bytes, Consumer<Assembler> emitted) {
        var code = new Assembler();
        emitted.accept(code);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(code.bytes())).isEqualTo(bytes);
    }

    @Test
    void shouldJumpOverABodyAndBackToTheBeginning() {
        var body = new Assembler();
        body.add(Register.RCX, Register.R10);
        var code = new Assembler();
        code.unlessZero(Register.R10, body);
        code.repeatAfter(Register.R11, 16, 0);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(code.bytes()))
                .isEqualTo("4d 85 d2 0f 84 03 00 00 00 4c 01 d1 49 81 c3 f0 ff ff ff 0f 8f e7 ff ff ff");
    }
}
