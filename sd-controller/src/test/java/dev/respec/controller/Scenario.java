package dev.respec.controller;

import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;

/** Ten minutes of generation under one circumstance; the batch drains from 64 to 1 again and again unless it says otherwise. */
enum Scenario {
    GOOD_DRAFTERS {
        @Override
        Simulation simulate(long seed, double noise) {
            return draining(goodDrafters(), noise, seed);
        }
    },

    DRAFTERS_THAT_DO_NOT_PAY {
        @Override
        Simulation simulate(long seed, double noise) {
            return draining(new Machine(0.2).accepting("eagle3", 0.12).accepting("suffix", 0.0), noise, seed);
        }
    },

    /** By the table EAGLE-3 pays at small batches, in truth drafting takes five times as long. */
    DRAFTING_DEARER_THAN_THE_TABLE {
        @Override
        Simulation simulate(long seed, double noise) {
            var machine = new Machine(0.2).accepting("eagle3", 0.5).accepting("suffix", 0.0);
            return new Simulation(machine, CONFIG, seed)
                    .withNoise(noise)
                    .withDraftFactor(second -> 5)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    /** Other processes ran while some of the costs were measured. */
    TABLE_WITH_RANDOM_ERRORS {
        @Override
        Simulation simulate(long seed, double noise) {
            Machine machine = goodDrafters();
            var profile = machine.profile(Machine.SETTINGS, new Random(seed), 0.25);
            return new Simulation(machine, CONFIG, seed, profile)
                    .withNoise(noise)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    /** Another process ran while everything but plain decoding was measured: what is 1.6 times as fast seems to be slower. */
    ALL_DRAFTING_TOO_DEAR_IN_THE_TABLE {
        @Override
        Simulation simulate(long seed, double noise) {
            Machine machine = goodDrafters();
            var costs = new ArrayList<SettingCost>();
            for (SettingCost cost : machine.profile().getCosts()) {
                double factor = SettingCodec.of(cost.getSetting()).isOff() ? 1 : 2.2;
                cost.setVerifyMilliseconds(cost.getVerifyMilliseconds() * factor);
                cost.setDraftMilliseconds(cost.getDraftMilliseconds() * factor);
                costs.add(cost);
            }
            return new Simulation(machine, CONFIG, seed, machine.profile(costs))
                    .withNoise(noise)
                    .run(SECONDS, second -> second % 6 < 3 ? 8 : 16);
        }
    },

    ONLY_PLAIN_DECODING_MEASURED {
        @Override
        Simulation simulate(long seed, double noise) {
            Machine machine = goodDrafters();
            var profile = machine.profile(List.of(Setting.OFF), new Random(seed), 0);
            return new Simulation(machine, CONFIG, seed, profile)
                    .withNoise(noise)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    NO_COST_MEASURED {
        @Override
        Simulation simulate(long seed, double noise) {
            Machine machine = goodDrafters();
            return new Simulation(machine, CONFIG, seed, machine.profile(List.of()))
                    .withNoise(noise)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    LOAD_THAT_COMES_AND_GOES {
        @Override
        Simulation simulate(long seed, double noise) {
            return new Simulation(goodDrafters(), CONFIG, seed)
                    .withNoise(noise)
                    .withLoad(second -> second % 9 < 4 ? 2.2 : 1)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    JUMPY_MACHINE_AND_RANDOM_ERRORS {
        @Override
        Simulation simulate(long seed, double noise) {
            var machine = new Machine(0.2).accepting("eagle3", 0.6).accepting("suffix", 0.3);
            var profile = machine.profile(Machine.SETTINGS, new Random(seed), 0.2);
            return new Simulation(machine, CONFIG, seed, profile)
                    .withNoise(noise)
                    .withLoad(second -> second % 0.7 < 0.3 ? 1.8 : 1)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    MACHINE_JUMPS_FOR_A_MINUTE {
        @Override
        Simulation simulate(long seed, double noise) {
            return new Simulation(goodDrafters(), CONFIG, seed)
                    .withNoise(noise)
                    .withLoad(JUMP)
                    .run(SECONDS, Scenario::drainingBatch);
        }
    },

    /** Everything takes twice as long and drafting four times, so that other settings win. */
    JUMP_THAT_CHANGES_WHAT_IS_BEST {
        @Override
        Simulation simulate(long seed, double noise) {
            return new Simulation(goodDrafters(), CONFIG, seed)
                    .withNoise(noise)
                    .withLoad(JUMP)
                    .withDraftFactor(second -> JUMP.applyAsDouble(second) > 1 ? 4 : 1)
                    .run(SECONDS, second -> 4);
        }
    },

    DRAFTER_THAT_IMPROVES {
        @Override
        Simulation simulate(long seed, double noise) {
            var machine = new Machine(0.2).accepting("eagle3", 0.1).accepting("suffix", 0.0);
            var simulation =
                    new Simulation(machine, CONFIG, seed).withNoise(noise).run(120, second -> 4);
            machine.accepting("eagle3", 0.8);
            return simulation.run(SECONDS - 120, second -> 4);
        }
    };

    static final ControllerSection CONFIG = RespecConfig.defaults().controller();
    static final int SECONDS = 600;

    /** The minute in which the machine is slower. */
    static final int JUMP_AT = 240;

    static final int JUMP_ENDS = 300;

    private static final DoubleUnaryOperator JUMP = second -> second >= JUMP_AT && second < JUMP_ENDS ? 2 : 1;

    /** @param noise share of the measured noise */
    abstract Simulation simulate(long seed, double noise);

    static Machine goodDrafters() {
        return new Machine(0.2).accepting("eagle3", 0.75).accepting("suffix", 0.35);
    }

    static Simulation draining(Machine machine, double noise, long seed) {
        return new Simulation(machine, CONFIG, seed).withNoise(noise).run(SECONDS, Scenario::drainingBatch);
    }

    static int drainingBatch(int second) {
        return Machine.BATCHES[Machine.BATCHES.length - 1 - (second / 3) % Machine.BATCHES.length];
    }
}
