package dev.respec.ops.paper.decoding;

import dev.respec.controller.MeasuredDecision;
import dev.respec.controller.MeasuredDecision.Measurement;
import dev.respec.generation.PairedGain;
import dev.respec.ops.paper.decoding.GridRuns.Cell;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.ControllerSection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What the controller chooses at each batch of a measured grid, against the best. It decides on the first half of the turns
 * and is judged by the second, so that neither profits from the noise of its own turns.
 */
final class GridChoice {
    private GridChoice() {}

    /**
     * One batch.
     *
     * @param best the fastest setting of the second half; plain decoding if none beats it
     * @param bestSpeedUp over plain decoding, like the chosen one's
     * @param share of the best one's speed that the chosen one has
     * @param shareError half the width of its 95 % interval; not finite for a single turn
     */
    record Column(
            int batch,
            Setting best,
            double bestSpeedUp,
            Setting chosen,
            double chosenSpeedUp,
            double share,
            double shareError) {}

    static List<Column> columns(ControllerSection controller, List<Cell> cells) {
        SettingTable table = MeasuredDecision.table(
                controller,
                cells.stream()
                        .map(cell -> new Measurement(
                                cell.batch(),
                                Setting.parse(cell.setting()),
                                mean(firstHalf(cell)),
                                cell.acceptanceLength()))
                        .toList());
        List<Column> columns = new ArrayList<>();
        for (int batch : cells.stream().map(Cell::batch).distinct().sorted().toList()) {
            columns.add(column(batch, table.forBatch(batch), of(cells, batch)));
        }
        return columns;
    }

    private static Column column(int batch, Setting chosen, List<Cell> cells) {
        Cell best = cells.stream()
                .max(Comparator.comparingDouble(cell -> mean(secondHalf(cell))))
                .orElseThrow();
        List<Double> mine = secondHalf(cell(cells, chosen));
        PairedGain share = PairedGain.of(mine, secondHalf(best));
        return new Column(
                batch,
                Setting.parse(best.setting()),
                speedUp(cells, Setting.parse(best.setting())),
                chosen,
                speedUp(cells, chosen),
                share.ratio(),
                share.error());
    }

    /** Of one setting among the cells of a batch, over plain decoding, by the second half of the turns. */
    static double speedUp(List<Cell> cells, Setting setting) {
        return PairedGain.of(secondHalf(cell(cells, setting)), secondHalf(cell(cells, Setting.OFF)))
                .ratio();
    }

    static List<Cell> of(List<Cell> cells, int batch) {
        return cells.stream().filter(cell -> cell.batch() == batch).toList();
    }

    static Cell cell(List<Cell> cells, Setting setting) {
        return cells.stream()
                .filter(cell -> cell.setting().equals(setting.toString()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(setting + " was not measured"));
    }

    private static List<Double> firstHalf(Cell cell) {
        return cell.turns().subList(0, cell.turns().size() / 2);
    }

    static List<Double> secondHalf(Cell cell) {
        return cell.turns().subList(cell.turns().size() / 2, cell.turns().size());
    }

    private static double mean(List<Double> turns) {
        return turns.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
}
