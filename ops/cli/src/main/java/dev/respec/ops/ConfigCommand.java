package dev.respec.ops;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints the configuration in force. */
@Command(
        name = "config",
        mixinStandardHelpOptions = true,
        description = "Prints the configuration in force, every key with its value; secrets are masked.")
final class ConfigCommand implements Runnable {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Override
    public void run() {
        System.out.print(configuration.load().toYaml());
    }
}
