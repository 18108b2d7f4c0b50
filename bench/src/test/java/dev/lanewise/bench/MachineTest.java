package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.loader.Json;
import dev.lanewise.loader.JsonWriter;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class MachineTest {

  private static final Machine MACHINE =
      new Machine(
          "Some CPU (TM) 3000",
          2,
          32 << 20,
          4L << 30,
          "Linux",
          "25",
          "vector",
          512,
          true,
          List.of("-Xmx1g"),
          "1.2");

  @Test
  void headerNamesWhatANumberDependsOn() {
    assertThat(MACHINE.header())
        .contains("Some CPU (TM) 3000, 2 processors, 32 MiB last-level cache, 4 GiB memory")
        .contains("vector, 512 bits, FMA")
        .contains("-Xmx1g")
        .contains("1.2");
  }

  @Test
  void slugIsAFileName() {
    assertThat(MACHINE.slug()).isEqualTo("some-cpu-tm-3000-2-cores");
  }

  @Test
  void rotationLeavesTheCache() {
    assertThat(MACHINE.rotationBytes()).isEqualTo(64 << 20);
  }

  @Test
  void currentMachineKnowsItsKernelsAndVersion() throws IOException {
    Machine machine = Machine.current();
    assertThat(machine.backend()).isEqualTo(Kernels.get().name());
    assertThat(machine.cpu()).isNotBlank();
    assertThat(machine.lanewise()).matches("\\d+\\..*");
    JsonWriter json = new JsonWriter();
    machine.write(json);
    assertThat(Json.parse(json.text(), "machine").asObject().string("cpu", ""))
        .isEqualTo(machine.cpu());
  }
}
