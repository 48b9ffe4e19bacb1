package io.hookswitch.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Arrows between modules point down only: server, control, sip, engine-core, rtp (docs/architecture.md). */
class ModuleArrowsTest {
    private static final String RTP = "io.hookswitch.rtp..";
    private static final String ENGINE = "io.hookswitch.engine..";
    private static final String SIP = "io.hookswitch.sip..";
    private static final String CONTROL = "io.hookswitch.control..";
    private static final String SERVER = "io.hookswitch.server..";

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(
                    "io.hookswitch.rtp",
                    "io.hookswitch.engine",
                    "io.hookswitch.sip",
                    "io.hookswitch.control",
                    "io.hookswitch.server");

    private static void check(ArchRule rule) {
        rule.check(PRODUCT);
    }

    @Test
    void shouldSeeOnlyAgronaAndTheJdkWhenInRtp() {
        check(noClasses()
                .that()
                .resideInAPackage(RTP)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(
                        RTP, "java..", "javax.crypto..", "org.agrona..", "io.github.jaredmdobson.concentus.."));
    }

    @Test
    void shouldNotLookUpWhenInEngineCore() {
        check(noClasses()
                .that()
                .resideInAPackage(ENGINE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SIP, CONTROL, SERVER));
    }

    @Test
    void shouldNotSeeControlOrServerWhenInSip() {
        check(noClasses()
                .that()
                .resideInAPackage(SIP)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(CONTROL, SERVER));
    }

    @Test
    void shouldSeeMessageLayoutsOnlyWhenInControl() {
        check(noClasses()
                .that()
                .resideInAPackage(CONTROL)
                .should()
                .dependOnClassesThat()
                .resideOutsideOfPackages(CONTROL, "io.hookswitch.engine.message..", "java..", "org.agrona.."));
    }

    @Test
    void shouldHaveNoClockNoThreadNoRandomnessAndNoInputOutputWhenInControl() {
        check(noClasses()
                .that()
                .resideInAPackage(CONTROL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.net..", "java.nio.channels..", "java.nio.file..", "java.util.concurrent.."));
        check(noClasses().that().resideInAPackage(CONTROL).should().callMethod(System.class, "nanoTime"));
        check(noClasses().that().resideInAPackage(CONTROL).should().callMethod(System.class, "currentTimeMillis"));
        check(noClasses().that().resideInAPackage(CONTROL).should().callMethod(java.util.UUID.class, "randomUUID"));
        check(noClasses()
                .that()
                .resideInAPackage(CONTROL)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(java.util.Random.class));
        check(noClasses()
                .that()
                .resideInAPackage(CONTROL)
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class));
    }

    @Test
    void shouldKeepTheSipStackInsideWhenOutsideSip() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(SIP)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("javax.sip..", "gov.nist.."));
    }

    @Test
    void shouldNotLogOrLockWhenInAHotModule() {
        check(noClasses()
                .that()
                .resideInAnyPackage(RTP, ENGINE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.slf4j..", "ch.qos.logback..", "java.util.logging.."));
        // Parking is how a core naps (engine.idle: quiet); it locks nothing.
        check(noClasses()
                .that()
                .resideInAnyPackage(RTP, ENGINE)
                .should()
                .dependOnClassesThat(resideInAPackage("java.util.concurrent.locks..")
                        .and(not(type(java.util.concurrent.locks.LockSupport.class)))));
    }

    @Test
    void shouldHaveNoCycleWhenPackagesAreCompared() {
        for (String module : new String[] {"rtp", "engine", "sip", "control", "server"}) {
            check(slices().matching("io.hookswitch." + module + ".(**)")
                    .should()
                    .beFreeOfCycles()
                    .allowEmptyShould(true));
        }
    }
}
