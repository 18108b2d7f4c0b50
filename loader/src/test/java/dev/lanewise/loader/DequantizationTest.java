package dev.lanewise.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Floats;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against what the reference reader of the format makes of the same bytes, bit for bit. */
class DequantizationTest {

  private static float[] values(Floats floats) {
    return floats
        .segment()
        .asSlice(floats.offset(), floats.length() * 4L)
        .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  private static void assertSameBits(float[] actual, float[] expected, String what) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      if (Float.floatToIntBits(actual[i]) != Float.floatToIntBits(expected[i])) {
        throw new AssertionError(what + " at " + i + ": " + actual[i] + ", not " + expected[i]);
      }
    }
  }

  @Test
  void decodesRandomBlocksOfEveryType() throws IOException {
    JsonObject root = Json.read(Fixtures.gguf("quant_blocks.json")).asObject();
    Set<DType> seen = EnumSet.noneOf(DType.class);
    try (Arena arena = Arena.ofConfined()) {
      for (JsonValue value : root.required("blocks").asArray()) {
        JsonObject block = value.asObject();
        DType dtype = DType.valueOf(block.required("type").asString());
        assertThat(GgufType.dtype(block.required("ggml_type_id").asInt())).isEqualTo(dtype);
        assertThat(dtype.blockSize()).isEqualTo(block.required("block_elements").asInt());
        assertThat(dtype.blockBytes()).isEqualTo(block.required("block_bytes").asInt());
        byte[] bytes = HexFormat.of().parseHex(block.required("hex").asString());
        JsonArray data = block.required("values").asObject().required("data").asArray();
        float[] expected = new float[data.size()];
        for (int i = 0; i < expected.length; i++) {
          expected[i] = data.get(i).asDecimal().floatValue();
          // A decimal has no negative zero.
          if (expected[i] == 0 && 1 / data.get(i).asDouble() < 0) {
            expected[i] = -0.0f;
          }
        }
        MemorySegment source = MemorySegment.ofArray(bytes);
        assertSameBits(
            values(Widening.widen(source, dtype, expected.length, arena)),
            expected,
            dtype.toString());
        seen.add(dtype);
      }
    }
    EnumSet<DType> quantized = EnumSet.allOf(DType.class);
    quantized.removeIf(dtype -> !dtype.isQuantized());
    assertThat(seen).isEqualTo(quantized);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F16", "BF16", "Q8_0", "Q4_0", "mixed"})
  void decodesTheTensorsOfAModel(String type) throws IOException {
    String name = "gpt2-tiny-" + type;
    try (Checkpoint stored = Checkpoint.open(Fixtures.gguf(name + ".gguf"));
        Checkpoint expected = Checkpoint.open(Fixtures.gguf(name + ".dequantized.safetensors"));
        Arena arena = Arena.ofConfined()) {
      assertThat(stored.tensors().keySet()).isEqualTo(expected.tensors().keySet());
      for (TensorInfo tensor : expected.tensors().values()) {
        TensorInfo raw = Objects.requireNonNull(stored.tensors().get(tensor.name()));
        assertThat(raw.shape()).isEqualTo(tensor.shape());
        assertSameBits(
            values(stored.floats(raw, arena)),
            values(expected.floats(tensor, arena)),
            tensor.name());
      }
    }
  }
}
