package dev.respec.ops;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.ndarray.NDManager;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What the house allows; the enforcer checks the same between artefacts, this between packages. */
@AnalyzeClasses(packages = "dev.respec", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule stagesKnowNoOtherStage = slices().assignedFrom(new StageSlices())
            .should()
            .notDependOnEachOther()
            .because("stages meet on topics only");

    @ArchTest
    static final ArchRule settingsOfSpeculationKnowNoWireFormat = noClasses()
            .that()
            .resideInAPackage("dev.respec.speculation..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("java..", "dev.respec.speculation..", "org.jspecify..")
            .because("engine and controller share them");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("dev.respec.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theEngineKnowsNeitherKafkaNorAvro = noClasses()
            .that()
            .resideInAnyPackage("dev.respec.generation", "dev.respec.generation.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.kafka..", "org.apache.avro..", "dev.respec.schemas..", "dev.respec.topics..")
            .because("the engine is a library; dev.respec.generation.events translates");

    @ArchTest
    static final ArchRule commandsUseTheEngineAndNotTheWorker = noClasses()
            .that()
            .resideInAPackage("dev.respec.ops..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.respec.worker..");

    @ArchTest
    static final ArchRule theEmbeddedBrokerStandsAlone = noClasses()
            .that()
            .resideInAPackage("dev.respec.ops.broker..")
            .should()
            .dependOnClassesThat(resideInAPackage("dev.respec..").and(not(resideInAPackage("dev.respec.ops.broker.."))))
            .because("tests of every stage start it");

    @ArchTest
    static final ArchRule onlyTheBrokerIsMadeOfKafkasServer = noClasses()
            .that()
            .resideOutsideOfPackage("dev.respec.ops.broker..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("kafka..", "org.apache.kafka.server..", "org.apache.kafka.metadata..");

    @ArchTest
    static final ArchRule languageModelKnowsNeitherKafkaNorAvro = noClasses()
            .that()
            .resideInAPackage("dev.respec.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.kafka..",
                    "org.apache.avro..",
                    "dev.respec.schemas..",
                    "dev.respec.topics..",
                    "dev.respec.stage..",
                    "dev.respec.generation..",
                    "dev.respec.artefacts..",
                    "dev.respec.streams..")
            .because("the model is a library of its own");

    @ArchTest
    static final ArchRule scorerAndControllerCarryNoTensors = noClasses()
            .that()
            .resideInAnyPackage("dev.respec.scorer..", "dev.respec.controller..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl..", "dev.respec.model..")
            .because("they run where no engine is");

    @ArchTest
    static final ArchRule nothingDependsOnOps = noClasses()
            .that()
            .resideOutsideOfPackages("dev.respec.ops..", "dev.respec.topics.embedded..") // the latter serves tests
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.respec.ops..");

    @ArchTest
    static final ArchRule topicsKnowNoStage = noClasses()
            .that()
            .resideInAnyPackage("dev.respec.schemas..", "dev.respec.topics..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.respec.stage..", "dev.respec.model..");

    @ArchTest
    static final ArchRule auditReadsTopicsOnly = noClasses()
            .that()
            .resideInAPackage("dev.respec.ops.audit..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.respec.ops.cluster..", "dev.respec.ops.local..", "dev.respec.ops.report..", "java.nio.file..");

    @ArchTest
    static final ArchRule arraysForKernelsOwnTheirMemory = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.respec.model.kernels.NativeArrays")
            .should()
            .callMethodWhere(target(owner(assignableTo(NDManager.class)))
                    .and(target(name("create")
                            .or(name("createCSR"))
                            .or(name("createCoo"))
                            .or(name("from")))))
            .because("DJL makes arrays over Java's memory, which is freed while a kernel may still read it");

    @ArchTest
    static final ArchRule onlyThePaperVerifiesLossily = noClasses()
            .that()
            .resideOutsideOfPackage("dev.respec.ops.paper.lossy..")
            .and()
            .doNotHaveFullyQualifiedName("dev.respec.model.sampling.ChainVerifier")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("dev.respec.model.sampling.Leniency")
            .because("speculation of the product is lossless, whatever its configuration says");

    @ArchTest
    static final ArchRule verificationReadsAndDoesNotSetIt = noClasses()
            .that()
            .resideOutsideOfPackage("dev.respec.ops.paper.lossy..")
            .should()
            .callMethodWhere(target(owner(assignableTo("dev.respec.model.sampling.Leniency")))
                    .and(target(name("set"))))
            .because("a process is lossless unless its own program says otherwise");

    @ArchTest
    static final ArchRule onlyThePaperStartsTheLossyWorker = noClasses()
            .that()
            .resideOutsideOfPackages("dev.respec.ops.paper.lossy..", "dev.respec.ops.paper.pipeline..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.respec.ops.paper.lossy..")
            .because("an arm starts it, no command and no configuration");

    @ArchTest
    static final ArchRule onlyThePaperReplacesAStagesProgram = noClasses()
            .that()
            .resideOutsideOfPackage("dev.respec.ops.paper.pipeline..")
            .should()
            .callMethodWhere(target(owner(assignableTo("dev.respec.ops.cluster.Installation")))
                    .and(target(name("withProgram"))))
            .because("a run of the product is made of the product's stages");

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = classes()
            .should()
            .haveNameNotMatching(".*(Manager|Helper|Utils?|Impl|Base|Abstract.*)")
            .because("such names say nothing");
}
