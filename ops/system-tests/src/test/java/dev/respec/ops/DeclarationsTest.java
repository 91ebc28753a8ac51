package dev.respec.ops;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Topic;
import dev.respec.topics.TopicCatalogue;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is declared about the program holds of its code: keys of the configuration are read, topics used as catalogued. */
class DeclarationsTest {
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.respec");

    private static final String CONFIG = RespecConfig.class.getPackageName();

    /** Packages by the stage's name in the catalogue. */
    private static final Map<String, String> STAGES = Map.of(
            "rollout-worker", "dev.respec.worker",
            "reward-scorer", "dev.respec.scorer",
            "sd-controller", "dev.respec.controller",
            "drafter-learner", "dev.respec.learner",
            "trainer", "dev.respec.trainer");

    @Test
    void shouldReadEveryKeyOfTheConfigurationOutsideOfIt() {
        Set<String> unread = new TreeSet<>();
        keys(RespecConfig.class, "", new ArrayList<>()).forEach(key -> {
            if (!isRead(key.section(), key.component().getName())) {
                unread.add(key.path());
            }
        });

        assertThat(unread).isEmpty();
    }

    /** One value of the configuration. */
    private record Key(Class<?> section, RecordComponent component, String path) {}

    private static List<Key> keys(Class<?> section, String prefix, List<Key> into) {
        for (RecordComponent component : section.getRecordComponents()) {
            Class<?> type = component.getType();
            if (type.isRecord() && type.getPackageName().equals(CONFIG)) {
                keys(type, prefix + component.getName() + ".", into);
            } else {
                into.add(new Key(section, component, prefix + component.getName()));
            }
        }
        return into;
    }

    /** Outside of the package, or by a method of the configuration that combines values for those outside. */
    private static boolean isRead(Class<?> section, String name) {
        JavaClass type = CLASSES.get(section);
        boolean called = type.getMethod(name).getAccessesToSelf().stream()
                .map(JavaAccess::getOriginOwner)
                .anyMatch(
                        reader -> !reader.getPackageName().equals(CONFIG) || reader.isEquivalentTo(RespecConfig.class));
        return called
                || type.getField(name).getAccessesToSelf().stream()
                        .map(access -> access.getOrigin().getName())
                        .anyMatch(method -> !method.equals("<init>") && !method.equals(name));
    }

    @Test
    void shouldNameInTheCatalogueTheStagesThatUseATopic() {
        STAGES.forEach((stage, root) -> {
            Set<String> named = TopicCatalogue.usedBy(stage).stream()
                    .filter(topic ->
                            topic != TopicCatalogue.DEAD_LETTERS) // every stage writes them through its context
                    .map(Topic::name)
                    .collect(toSet());

            assertThat(topicsOf(root)).as("topics of %s", stage).isEqualTo(named);
        });
    }

    private static Set<String> topicsOf(String root) {
        return CLASSES.stream()
                .filter(type -> type.getPackageName().equals(root)
                        || type.getPackageName().startsWith(root + "."))
                .flatMap(DeclarationsTest::topics)
                .collect(toSet());
    }

    private static Stream<String> topics(JavaClass type) {
        return type.getFieldAccessesFromSelf().stream()
                .filter(access -> access.getTargetOwner().isEquivalentTo(TopicCatalogue.class))
                .flatMap(access -> named(access.getTarget().getName()));
    }

    private static Stream<String> named(String field) {
        try {
            return TopicCatalogue.class.getField(field).get(null) instanceof Topic<?> topic
                            && topic != TopicCatalogue.DEAD_LETTERS
                    ? Stream.of(topic.name())
                    : Stream.empty();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
