package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A test of vector kernels must fail, not pass, where there are none. */
@Tag("interpreted")
class BackendTest {

  @Test
  void isTheOneThatTheBuildAskedFor() {
    Kernels kernels = Kernels.get();
    assertThat(kernels.name()).isEqualTo(System.getProperty("expected.backend"));
    Integer bits = Integer.getInteger("expected.bits");
    if (bits != null && System.getProperty("os.arch").equals("amd64")) {
      assertThat(kernels.vectorBits()).isEqualTo(bits);
    }
  }

  @Test
  void refusesVectorKernelsWithoutTheModule() {
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      assertThat(Kernels.vector().name()).isEqualTo("vector");
    } else {
      assertThatThrownBy(Kernels::vector)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("--add-modules jdk.incubator.vector")
          .hasCauseInstanceOf(ClassNotFoundException.class);
    }
  }
}
