package dev.respec.ops.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The YAML at the top of a model card, as the Hugging Face hub reads it. */
final class CardHeader {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .build();

    private CardHeader() {}

    /** Of a policy, which transformers loads. */
    static String ofPolicy(BaseCard base) {
        return text(base, Map.of("library_name", "transformers"), "reinforcement-learning");
    }

    /** Of a drafter, which serving engines load beside its policy. */
    static String ofDrafter(BaseCard base) {
        return text(base, Map.of(), "speculative-decoding");
    }

    private static String text(BaseCard base, Map<String, String> library, String tag) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("license", base.licence());
        fields.putAll(library);
        fields.put("pipeline_tag", "text-generation");
        base.hubName().ifPresent(name -> fields.put("base_model", name));
        fields.put("tags", List.of("respec", tag));
        try {
            return "---\n" + YAML.writeValueAsString(fields) + "---\n\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
