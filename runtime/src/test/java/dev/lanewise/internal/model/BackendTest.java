package dev.lanewise.internal.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Kernels;
import org.junit.jupiter.api.Test;

/** A test of vector kernels must fail, not pass, where there are none. */
class BackendTest {

  @Test
  void runsOnTheBackendThatTheBuildAskedFor() {
    assertThat(Kernels.get().name()).isEqualTo(System.getProperty("expected.backend"));
    Integer bits = Integer.getInteger("expected.bits");
    if (bits != null && System.getProperty("os.arch").equals("amd64")) {
      assertThat(Kernels.get().vectorBits()).isEqualTo(bits);
    }
  }
}
