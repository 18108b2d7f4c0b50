package dev.lanewise.loader;

import dev.lanewise.kernels.DType;
import dev.lanewise.kernels.Q4Blocks;
import dev.lanewise.kernels.Q8Blocks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Blocks of a quantized type as float32, each value exactly as ggml computes it. */
final class Dequantization {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Dequantization() {}

  /** Decodes the block at a byte offset into the first elements of an array. */
  @FunctionalInterface
  private interface Decoder {
    void decode(MemorySegment blocks, long offset, float[] values);
  }

  private static Decoder decoder(DType dtype) {
    return switch (dtype) {
      case Q4_0 -> Q4Blocks::decode;
      case Q4_1 -> SmallBlocks::q4With1;
      case Q5_0 -> SmallBlocks::q5With0;
      case Q5_1 -> SmallBlocks::q5With1;
      case Q8_0 -> Q8Blocks::decode;
      case Q2_K -> SuperBlocks::q2;
      case Q3_K -> SuperBlocks::q3;
      case Q4_K -> SuperBlocks::q4;
      case Q5_K -> SuperBlocks::q5;
      case Q6_K -> SuperBlocks::q6;
      case IQ4_NL -> SmallBlocks::iq4NonLinear;
      default -> throw new IllegalArgumentException("not quantized: " + dtype);
    };
  }

  /**
   * Writes the values of a matrix whose outputs have scales: q * scale.
   *
   * @param target float32, little-endian, as long as the values
   */
  static void decodeScaled(MemorySegment rows, MemorySegment target) {
    long elements = target.byteSize() / Float.BYTES;
    long out = (rows.byteSize() - elements) / Float.BYTES; // what is no element is a scale
    int in = out == 0 ? 0 : Math.toIntExact(elements / out);
    float[] values = new float[in];
    long at = 0;
    for (long to = 0; to < target.byteSize(); to += (long) in * Float.BYTES) {
      float scale = rows.get(F32, at);
      at += Float.BYTES;
      for (int k = 0; k < in; k++, at++) {
        values[k] = rows.get(ValueLayout.JAVA_BYTE, at) * scale;
      }
      MemorySegment.copy(values, 0, target, F32, to, in);
    }
  }

  /**
   * Writes the values of all blocks of {@code source}.
   *
   * @param target float32, little-endian, as long as the values
   */
  static void decode(MemorySegment source, DType dtype, MemorySegment target) {
    Decoder decoder = decoder(dtype);
    float[] values = new float[dtype.blockSize()];
    long blocks = source.byteSize() / dtype.blockBytes();
    long valuesBytes = (long) values.length * Float.BYTES;
    for (long block = 0; block < blocks; block++) {
      decoder.decode(source, block * dtype.blockBytes(), values);
      MemorySegment.copy(values, 0, target, F32, block * valuesBytes, values.length);
    }
  }
}
