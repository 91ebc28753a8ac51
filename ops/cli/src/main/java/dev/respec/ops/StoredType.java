package dev.respec.ops;

import dev.respec.model.checkpoint.ElementType;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Element types that checkpoints are written in. */
final class StoredType implements ITypeConverter<ElementType> {
    @Override
    public ElementType convert(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "float32" -> ElementType.FLOAT32;
            case "bfloat16" -> ElementType.BFLOAT16;
            default -> throw new TypeConversionException("expected float32 or bfloat16, found " + value);
        };
    }
}
