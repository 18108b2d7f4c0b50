package dev.lanewise.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules. This module sees all that ship. */
@AnalyzeClasses(packages = "dev.lanewise", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule DEPENDENCIES_POINT_DOWN =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("dev.lanewise..")
          .layer("kernels")
          .definedBy("dev.lanewise.kernels..")
          .layer("loader")
          .definedBy("dev.lanewise.loader..")
          .layer("runtime")
          .definedBy("dev.lanewise", "dev.lanewise.internal..")
          .layer("cli")
          .definedBy("dev.lanewise.cli..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("runtime")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("loader")
          .mayOnlyBeAccessedByLayers("runtime", "cli")
          .ensureAllClassesAreContainedInArchitecture();

  @ArchTest
  static final ArchRule ONLY_THE_VECTOR_KERNELS_KNOW_THE_VECTOR_API =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lanewise.kernels.internal.vector")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule THE_COMMAND_USES_THE_PUBLIC_API =
      noClasses()
          .that()
          .resideInAPackage("dev.lanewise.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.lanewise.internal..", "dev.lanewise.kernels.internal..");

  @ArchTest
  static final ArchRule THE_RUNTIME_USES_THE_PUBLIC_API_OF_THE_KERNELS =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lanewise.kernels..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.lanewise.kernels.internal..");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_KNOWS_PICOCLI =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lanewise.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule ONLY_THE_LOADER_KNOWS_JACKSON =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.lanewise.loader..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.fasterxml.jackson..");

  @ArchTest
  static final ArchRule THE_COMMANDS_CLASSES_ARE_FINAL =
      classes()
          .that()
          .resideInAPackage("dev.lanewise.cli..")
          .and()
          .areNotInterfaces()
          .and()
          .areNotEnums()
          .should()
          .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL);
}
