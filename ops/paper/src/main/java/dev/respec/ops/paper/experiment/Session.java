package dev.respec.ops.paper.experiment;

import java.util.function.Consumer;

/**
 * What an experiment is given.
 *
 * @param progress told what is going on, one line at a time
 */
public record Session(Size size, TimeLimit limit, Consumer<String> progress) {}
