package dev.respec.ops.paper;

import dev.respec.ops.paper.decision.DecisionExperiment;
import dev.respec.ops.paper.decoding.DecodeRuns;
import dev.respec.ops.paper.decoding.GridExperiment;
import dev.respec.ops.paper.decoding.GridRuns;
import dev.respec.ops.paper.decoding.OracleExperiment;
import dev.respec.ops.paper.decoding.SpeedUpExperiment;
import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.pipeline.AcceptanceExperiment;
import dev.respec.ops.paper.pipeline.ActiveSequencesExperiment;
import dev.respec.ops.paper.pipeline.ArmRuns;
import dev.respec.ops.paper.pipeline.IntervalExperiment;
import dev.respec.ops.paper.pipeline.LocalPipeline;
import dev.respec.ops.paper.pipeline.RewardExperiment;
import dev.respec.ops.paper.pipeline.StalenessExperiment;
import dev.respec.ops.paper.pipeline.StepTimeExperiment;
import dev.respec.ops.paper.simulation.ScaleExperiment;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.Suggestion;
import java.util.ArrayList;
import java.util.List;

/** All experiments, in the order of the page. */
public final class Experiments {
    private static final String ALL = "all";

    private final List<Experiment> all;

    /** @param config that everything is measured with */
    public Experiments(RespecConfig config, ResultsFolder folder) {
        ArmRuns runs = new ArmRuns(config, folder.runs(), new LocalPipeline());
        DecodeRuns decoding = new DecodeRuns(config, folder.decoding());
        this.all = List.of(
                new SpeedUpExperiment(decoding),
                new AcceptanceExperiment(runs),
                RewardExperiment.drafters(runs),
                new ActiveSequencesExperiment(runs),
                new GridExperiment(config.controller(), new GridRuns(config, folder.decoding())),
                new DecisionExperiment(config.controller()),
                RewardExperiment.validation(runs),
                new StepTimeExperiment(runs),
                new IntervalExperiment(runs),
                new StalenessExperiment(runs),
                new OracleExperiment(decoding),
                new ScaleExperiment(folder.runs()));
    }

    public List<Experiment> all() {
        return all;
    }

    public List<String> names() {
        return all.stream().map(Experiment::name).toList();
    }

    /**
     * The experiments of these names, in the order of the page, each once.
     *
     * @throws ConfigException for an unknown name
     */
    public List<Experiment> named(List<String> wanted) {
        List<String> known = new ArrayList<>(names());
        known.add(ALL);
        for (String name : wanted) {
            if (!known.contains(name)) {
                throw new ConfigException("no experiment '%s'%s; 'respec paper --list' shows them"
                        .formatted(name, Suggestion.sentence(name, known)));
            }
        }
        return all.stream()
                .filter(each -> wanted.contains(ALL) || wanted.contains(each.name()))
                .toList();
    }
}
