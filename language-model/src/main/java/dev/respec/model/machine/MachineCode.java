package dev.respec.model.machine;

import com.sun.jna.Function;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Functions of our own making. */
public final class MachineCode {
    private static final List<String> INSTRUCTIONS = List.of("avx512f", "avx512_bf16");

    /** By the code itself: kernels of the same shape are one function, however often a model is loaded. */
    private static final Map<ByteBuffer, Function> FUNCTIONS = new ConcurrentHashMap<>();

    private static final boolean AVAILABLE = runs();

    private MachineCode() {}

    /** Whether this processor has the instructions, and this process may run code that it has written. */
    public static boolean available() {
        return AVAILABLE;
    }

    private static boolean runs() {
        if (!System.getProperty("os.name").equals("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return false;
        }
        try {
            String processor = Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8);
            List<String> flags = processor
                    .lines()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> List.of(line.split("\\s+")))
                    .orElse(List.of());
            if (!flags.containsAll(INSTRUCTIONS)) {
                return false;
            }
            var nothing = new Assembler();
            nothing.returnToCaller();
            function(nothing).invokeVoid(new Object[] {Pointer.NULL});
            return true;
        } catch (IOException | IllegalStateException | LinkageError e) {
            // without it everything works, only slower: a kernel that forbids such code is not an error
            return false;
        }
    }

    /** Address of such a function, for a {@link CallList}. */
    static long address(Assembler code) {
        return Pointer.nativeValue(function(code));
    }

    /** A function of one pointer; lives as long as the process. */
    static Function function(Assembler code) {
        return FUNCTIONS.computeIfAbsent(ByteBuffer.wrap(code.bytes()), each -> executable(each.array()));
    }

    private static Function executable(byte[] bytes) {
        NativeMemory memory = NativeMemory.allocate(bytes.length);
        memory.at(0).write(0, bytes, 0, bytes.length);
        memory.makeExecutable();
        return Function.getFunction(memory.at(0));
    }
}
