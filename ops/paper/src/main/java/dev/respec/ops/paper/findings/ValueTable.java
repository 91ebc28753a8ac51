package dev.respec.ops.paper.findings;

import java.util.List;

/** A table of texts; each row has a cell per column. */
public record ValueTable(String title, List<String> columns, List<List<String>> rows) {
    public ValueTable {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<String> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "%s: a row of %d cells under %d columns".formatted(title, row.size(), columns.size()));
            }
        }
    }
}
