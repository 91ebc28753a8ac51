package dev.respec.worker;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Notices a version whose weights are, by their checksums, those of the version that was taken before it. */
final class RepeatedWeights {
    private final Map<WeightRole, Map<String, String>> before = new EnumMap<>(WeightRole.class);

    /** Called once for each version taken. */
    boolean repeats(WeightUpdate update) {
        Map<String, String> checksums = update.getFiles().stream()
                .filter(file -> file.getName().endsWith(".safetensors"))
                .collect(Collectors.toMap(ArtefactFile::getName, ArtefactFile::getSha256));
        return !checksums.isEmpty() && checksums.equals(before.put(update.getRole(), checksums));
    }
}
