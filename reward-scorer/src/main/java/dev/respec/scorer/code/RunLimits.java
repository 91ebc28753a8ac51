package dev.respec.scorer.code;

import dev.respec.stage.config.RewardSection.Code;

/** What one run of a program may take, besides its time. */
record RunLimits(int memoryMegabytes, int processes, int openFiles, int fileMegabytes, int outputKilobytes) {
    /** All files of a run together, as a multiple of the largest one. */
    private static final int FILES = 4;

    static RunLimits of(Code code) {
        return new RunLimits(
                code.memoryMegabytes(),
                code.processes(),
                code.openFiles(),
                code.fileMegabytes(),
                code.outputKilobytes());
    }

    int allFilesMegabytes() {
        return FILES * fileMegabytes;
    }

    long memoryBytes() {
        return memoryMegabytes * 1024L * 1024;
    }

    long fileBytes() {
        return fileMegabytes * 1024L * 1024;
    }

    long outputBytes() {
        return outputKilobytes * 1024L;
    }
}
