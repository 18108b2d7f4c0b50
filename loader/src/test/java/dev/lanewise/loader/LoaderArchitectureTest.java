package dev.lanewise.loader;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class LoaderArchitectureTest {

  private static final JavaClasses LOADER =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("dev.lanewise.loader");

  @Test
  void dependsOnTheKernelsJacksonCoreAndTheJdkOnly() {
    assertThat(LOADER.contain(Checkpoint.class)).isTrue();
    classes()
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.lanewise.loader",
            "dev.lanewise.kernels",
            "com.fasterxml.jackson.core..",
            "java..",
            "org.jspecify.annotations")
        .check(LOADER);
  }

  @Test
  void doesNotTouchTheVectorModule() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("jdk.incubator..", "dev.lanewise.kernels.internal..")
        .check(LOADER);
  }

  @Test
  void keepsJacksonOutOfItsPublicApi() {
    for (var type : LOADER) {
      if (type.getModifiers().contains(JavaModifier.PUBLIC)) {
        type.getMethods().stream()
            .filter(m -> m.getModifiers().contains(JavaModifier.PUBLIC))
            .flatMap(m -> m.getAllInvolvedRawTypes().stream())
            .forEach(t -> assertThat(t.getPackageName()).doesNotStartWith("com.fasterxml"));
      }
    }
  }
}
