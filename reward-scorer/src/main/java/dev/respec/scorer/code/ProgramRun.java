package dev.respec.scorer.code;

import java.time.Duration;
import java.util.List;

/**
 * One run of a command in a sandbox.
 *
 * @param command whose paths below {@link RunFolder#PROGRAM} are those of the program's folder
 * @param input standard input
 * @param access to the program's folder
 * @param memory how the limit of memory is kept
 */
record ProgramRun(List<String> command, String input, Access access, Memory memory, Duration time) {
    enum Access {
        READ,
        WRITE
    }

    enum Memory {
        /** By the address space of each process, and by what all of them hold. */
        ADDRESS_SPACE,
        /** By what all processes hold: a Java virtual machine reserves more addresses than it uses. */
        RESIDENT
    }

    ProgramRun {
        command = List.copyOf(command);
    }

    /** How a run ended. */
    enum Ending {
        EXITED,
        TIME,
        MEMORY,
        OUTPUT
    }

    /**
     * What a run left.
     *
     * @param exitCode meaningful if the run ended by itself
     * @param output standard output
     * @param errors end of standard error
     */
    record Result(Ending ending, int exitCode, String output, String errors) {
        boolean succeeded() {
            return ending == Ending.EXITED && exitCode == 0;
        }

        /** One line for people. */
        String describe() {
            String how = switch (ending) {
                case EXITED -> "exit code " + exitCode;
                case TIME -> "stopped at the limit of time";
                case MEMORY -> "stopped at the limit of memory";
                case OUTPUT -> "stopped at the limit of output";
            };
            String last = errors.strip();
            return last.isEmpty() ? how : how + ": " + last.substring(last.lastIndexOf('\n') + 1);
        }
    }
}
